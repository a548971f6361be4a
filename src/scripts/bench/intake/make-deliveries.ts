import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { z } from 'zod'

/** Length of every delivery's body. */
export const DELIVERY_BYTES = 20_000

/** Pull requests that the deliveries are spread over, as in a repository where many people push. */
const PULL_REQUESTS = 20
const INSTALLATION_ID = 1

/** The parts of an example payload that are changed here; the rest stays as GitHub documents it. */
const SynchronizePayload = z.looseObject({
  action: z.literal('synchronize'),
  number: z.int(),
  pull_request: z.looseObject({
    number: z.int(),
    body: z.string().nullable(),
    base: z.looseObject({ repo: z.unknown() })
  })
})
type SynchronizePayload = z.infer<typeof SynchronizePayload>

const Examples = z.array(z.object({ name: z.string(), examples: z.array(z.unknown()) }))

/** A webhook delivery but for its id, which is not part of what is signed. */
export interface Delivery {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Signed `pull_request.synchronize` deliveries of exactly {@link DELIVERY_BYTES}, one for each of several pull requests. */
export async function makeDeliveries(secret: string): Promise<readonly Delivery[]> {
  const example = await readExample()
  return Array.from({ length: PULL_REQUESTS }, (_, index) => {
    const body = Buffer.from(writeBody(example, index + 1))
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/bench',
      'x-github-event': 'pull_request',
      'x-hub-signature-256': `sha256=${signature}`
    }
    return { body, headers }
  })
}

/** GitHub's documented example, less one of its copies of the repository, filled up in the pull request's text. */
function writeBody(example: SynchronizePayload, number: number): string {
  const { repo: _repo, ...base } = example.pull_request.base
  const write = (body: string) =>
    JSON.stringify({
      ...example,
      number,
      installation: { id: INSTALLATION_ID, node_id: 'MDIzOkluc3RhbGxhdGlvbjE=' },
      pull_request: { ...example.pull_request, number, base, body }
    })
  const missing = DELIVERY_BYTES - Buffer.byteLength(write(''))
  if (missing < 0) throw new Error(`The example payload is ${-missing} bytes longer than ${DELIVERY_BYTES}.`)
  return write('A pull request has a text. '.repeat(Math.ceil(missing / 27)).slice(0, missing))
}

async function readExample(): Promise<SynchronizePayload> {
  const file = createRequire(import.meta.url).resolve('@octokit/webhooks-examples')
  const events = Examples.parse(JSON.parse(await readFile(file, 'utf8')))
  const examples = events.find(({ name }) => name === 'pull_request')?.examples ?? []
  const example = examples.map((value) => SynchronizePayload.safeParse(value)).find(({ success }) => success)
  if (example?.data === undefined) throw new Error(`There is no pull_request.synchronize example in ${file}.`)
  return example.data
}
