import { z } from 'zod'

const RepositoryOfRequest = z.strictObject({
  installationId: z.int().positive(),
  id: z.int().positive(),
  owner: z.string().min(1).max(100),
  name: z.string().min(1).max(100)
})

const common = {
  /** `X-GitHub-Delivery`: the same for a redelivery, so it deduplicates. */
  deliveryId: z.string().min(1).max(100),
  repository: RepositoryOfRequest
}

const pullRequest = z.int().positive()

/**
 * What a webhook asks for, reduced to what is needed to look again. It says *where to look*, never what is true: the
 * pull request's state is read from GitHub when the request is handled, so late and reordered deliveries do no harm.
 */
export const RunRequest = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('pull_request'), pullRequest }),
  z.strictObject({
    ...common,
    kind: z.literal('command'),
    pullRequest,
    commentId: z.int().positive(),
    author: z.string().min(1).max(100),
    command: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('run'), sha: z.string().max(64).nullable() }),
      z.strictObject({ kind: z.literal('cancel') }),
      z.strictObject({ kind: z.literal('help') }),
      z.strictObject({ kind: z.literal('invalid'), word: z.string(), suggestion: z.string().nullable() })
    ])
  }),
  /** "Re-run" on a check; checks of forks name no pull request, so the run is found by the check's external id. */
  z.strictObject({
    ...common,
    kind: z.literal('rerun'),
    runId: z.string().max(100),
    requestedBy: z.string().min(1).max(100)
  })
])
export type RunRequest = z.infer<typeof RunRequest>
