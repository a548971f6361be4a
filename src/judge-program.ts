import { type JudgeAnswer, JudgeQuestion } from './judge-protocol.ts'
import { decodeResult } from './queue/result-codec.ts'
import { judgeResult } from './run/judge-result.ts'

/** The program of one judging process: a question on standard input, an answer on standard output. */

async function answer(input: Buffer): Promise<JudgeAnswer> {
  const end = input.indexOf('\n')
  const { expected, jobId } = JudgeQuestion.parse(JSON.parse(input.toString('utf8', 0, end)))
  const decoded = await decodeResult(input.toString('latin1', end + 1), { ...expected, jobId })
  if (decoded.kind === 'invalid') return { kind: 'unreadable', message: decoded.message }
  try {
    return { kind: 'judged', outcome: judgeResult(expected, decoded.result) }
  } catch (error) {
    return { kind: 'broken', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

process.stdout.write(JSON.stringify(await answer(await readInput())))
