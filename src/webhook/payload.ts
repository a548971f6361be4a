import { z } from 'zod'

/** The parts of a webhook payload that we read. GitHub sends far more; everything else is dropped here. */
export const RepositoryPayload = z.object({
  id: z.int().positive(),
  name: z.string(),
  owner: z.object({ login: z.string() })
})

const Actor = z.object({ login: z.string(), type: z.string() })

const common = {
  installation: z.object({ id: z.int().positive() }),
  repository: RepositoryPayload,
  sender: Actor
}

export const PullRequestPayload = z.object({
  ...common,
  action: z.string(),
  changes: z.object({ base: z.unknown().optional() }).optional(),
  pull_request: z.object({ number: z.int().positive() })
})

export const CommentPayload = z.object({
  ...common,
  issue: z.object({ number: z.int().positive(), pull_request: z.unknown().optional() }),
  comment: z.object({ id: z.int().positive(), body: z.string(), user: Actor.nullable() })
})

export const CheckRunPayload = z.object({
  ...common,
  check_run: z.object({
    external_id: z.string(),
    app: z.object({ id: z.int() }).nullable()
  })
})

/** Where a payload's event happened, as requests name it. */
export function toRepositoryRef(payload: {
  installation: { id: number }
  repository: z.infer<typeof RepositoryPayload>
}) {
  const { installation, repository } = payload
  return { installationId: installation.id, id: repository.id, owner: repository.owner.login, name: repository.name }
}
