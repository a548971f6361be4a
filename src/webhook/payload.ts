import { z } from 'zod'

/** Longer than any name that GitHub gives out. What is stored is bounded by it. */
const Name = z.string().min(1).max(200)

/** As Postgres stores it; GitHub is far from this many. */
const PullRequestNumber = z.int().positive().max(2_147_483_647)

/** The parts of a webhook payload that we read. GitHub sends far more; everything else is dropped here. */
export const RepositoryPayload = z.object({
  id: z.int().positive(),
  name: Name,
  owner: z.object({ login: Name })
})

const Actor = z.object({ login: Name, type: z.string() })

const common = {
  installation: z.object({ id: z.int().positive() }),
  repository: RepositoryPayload,
  sender: Actor
}

export const PullRequestPayload = z.object({
  ...common,
  action: z.string(),
  changes: z.object({ base: z.unknown().optional() }).optional(),
  pull_request: z.object({ number: PullRequestNumber })
})

export const CommentPayload = z.object({
  ...common,
  issue: z.object({ number: PullRequestNumber, pull_request: z.unknown().optional() }),
  comment: z.object({ id: z.int().positive(), body: z.string(), user: Actor.nullable() })
})

export const CheckRunPayload = z.object({
  ...common,
  check_run: z.object({
    external_id: z.string().max(200),
    app: z.object({ id: z.int() }).nullable()
  })
})

/** A signed payload that is not what GitHub documents. The webhook middleware answers with `status` and the message. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError'
  readonly code = 'payload_unexpected'
  readonly status = 400
}

/**
 * Reads what we need of a payload.
 *
 * @throws PayloadError naming the fields, without their values.
 */
export function parsePayload<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the whole payload'))]
  throw new PayloadError(`This payload is not as GitHub documents it. Look at: ${fields.join(', ')}.`)
}

/** Where a payload's event happened, as requests name it. */
export function toRepositoryRef(payload: {
  installation: { id: number }
  repository: z.infer<typeof RepositoryPayload>
}) {
  const { installation, repository } = payload
  return { installationId: installation.id, id: repository.id, owner: repository.owner.login, name: repository.name }
}
