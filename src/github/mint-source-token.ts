import type { Octokit } from '@octokit/rest'
import type { RepositoryRef } from '#src/run/run.ts'

export interface SourceToken {
  readonly token: string
  readonly expiresAt: string
}

/**
 * A token that reads the contents of one repository and nothing else. The worker's fetch step uses it and revokes it.
 *
 * @param rest REST methods authenticated as the App itself.
 */
export async function mintSourceToken(rest: Octokit['rest'], repository: RepositoryRef): Promise<SourceToken> {
  const answer = await rest.apps.createInstallationAccessToken({
    installation_id: repository.installationId,
    repository_ids: [repository.id],
    permissions: { contents: 'read' }
  })
  return { token: answer.data.token, expiresAt: answer.data.expires_at }
}
