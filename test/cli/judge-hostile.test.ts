import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Block } from '#contracts/measurements.ts'
import { judgeFile } from '#src/cli/judge.ts'
import { renderComparison } from '#src/cli/render-comparison.ts'
import { simulateCase } from '#test/stats/build-measurements.ts'

const FORMAT = '"format":"tailgate.measurements/1"'
const BLOCK = '{"side":"baseline","launch":0,"quad":0,"wallNs":10,"latenciesNs":[5,5],"errors":0}'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-hostile-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

function judgeBytes(bytes: string | Buffer) {
  return judgeFile('-', Readable.from([Buffer.from(bytes)]))
}

async function complain(bytes: string | Buffer): Promise<string> {
  const outcome = await judgeBytes(bytes)
  if (outcome.kind === 'judged') throw new Error('the file was judged')
  return outcome.message.replace(/^standard input: /, '')
}

async function judgeCase(blocks: readonly Block[]) {
  const cases = [{ id: 'a', blocks }]
  const outcome = await judgeBytes(JSON.stringify({ format: 'tailgate.measurements/1', cases }))
  if (outcome.kind !== 'judged') throw new Error(outcome.message)
  const [judged] = outcome.comparison.cases
  if (judged === undefined) throw new Error('there is no case')
  return { judged, text: renderComparison(outcome.comparison) }
}

function withCases(cases: string): string {
  return `{${FORMAT},\n "cases":[${cases}]}`
}

function withBlock(block: string): string {
  return withCases(`{"id":"a","blocks":[${BLOCK},\n${block}]}`)
}

function withLatency(latency: string): string {
  return withBlock(BLOCK.replace('5,5', `5,${latency}`))
}

const LATENCY_ADVICE =
  'Give one positive number of nanoseconds per successful request and count failed ones in "errors".'

describe('a file that cannot be judged is refused with its place and what to do', () => {
  it.each([
    ['NaN', withLatency('NaN'), /^is not valid JSON at line 3, column 69: Unexpected token 'N'\. JSON has no NaN/],
    ['Infinity', withLatency('Infinity'), /^is not valid JSON at line 3, column 69: .* JSON has no NaN, Infinity/],
    ['-Infinity', withLatency('-Infinity'), /^is not valid JSON at line 3, column 70: No number after minus sign/],
    ['-1', withLatency('-1'), 'expected more than 0, found -1'],
    ['0', withLatency('0'), 'expected more than 0, found 0'],
    ['-0', withLatency('-0'), 'expected more than 0, found 0'],
    ['1e999', withLatency('1e999'), 'expected a number, found Infinity'],
    ['null', withLatency('null'), 'expected a number, found null'],
    ['true', withLatency('true'), 'expected a number, found true'],
    ['a string', withLatency('"5"'), 'expected a number, found "5"'],
    ['a list', withLatency('[5]'), 'expected a number, found a list']
  ])('latency %s', async (_name, file, problem) => {
    const place = 'line 3, column 69: case "a" (number 0 from 0), block 1, key latenciesNs[1]:'
    const exact = typeof problem === 'string' ? `${place} ${problem}. ${LATENCY_ADVICE}` : problem

    expect(await complain(file)).toEqual(typeof exact === 'string' ? exact : expect.stringMatching(exact))
  })

  it.each([
    ['"latenciesNs":[5,5],', '', 'line 3, column 1: case "a" (number 0 from 0), block 1, key latenciesNs: is missing.'],
    ['[5,5]', 'null', 'key latenciesNs: expected a list, found null.'],
    ['"quad":0', '"quad":-1', 'key quad: expected at least 0, found -1. Number the quads of a launch'],
    ['"launch":0', '"launch":1e300', 'key launch: '],
    ['"wallNs":10', '"wallNs":0', 'key wallNs: expected more than 0, found 0. Give the duration'],
    ['"errors":0', '"errors":0.5', 'key errors: expected a whole number, found 0.5.'],
    ['"errors":0', '"errors":0,"extra":{}', 'unknown key "extra". Remove it, or correct its spelling.'],
    ['"side":"baseline"', '"side":null', 'key side: expected "baseline" or "candidate", found null.'],
    [BLOCK, 'null', 'block 1, expected an object, found null.'],
    [BLOCK, '[]', 'block 1, expected an object, found a list.']
  ])('block with %s instead of %s', async (good, bad, problem) => {
    expect(await complain(withBlock(BLOCK.replace(good, bad)))).toContain(problem)
  })

  it.each([
    [
      'two cases of one id',
      '{"id":"a","blocks":[]},\n{"id":"a","blocks":[]}',
      /^line 3, column 7: case "a" \(number 1 from 0\): case number 0 has the same id/
    ],
    ['an id that is too long', `{"id":"${'x'.repeat(501)}","blocks":[]}`, /key id: expected at most 500 characters/],
    ['an empty id', '{"id":"","blocks":[]}', /key id: expected at least 1 characters/],
    ['a threshold of 0', '{"id":"a","thresholds":{"p50":0},"blocks":[]}', /key thresholds\.p50: expected more than 0/],
    ['a threshold nobody knows', '{"id":"a","thresholds":{"p75":1},"blocks":[]}', /key thresholds: unknown key "p75"/],
    ['no case but a number', '7', /^line 2, column 11: case number 0 from 0, expected an object, found 7/],
    ['blocks that are no list', '{"id":"a","blocks":{"length":1}}', /key blocks: expected a list, found an object/]
  ])('%s', async (_name, cases, problem) => {
    expect(await complain(withCases(cases))).toMatch(problem)
  })

  it.each([
    ['launch', 'block 2: launch 0 goes on after another launch began.'],
    ['quad', 'block 2: quad 0 of launch 0 goes on after another quad began.']
  ])('a %s in two pieces', async (what, problem) => {
    const blocks = [0, 1, 0].map((place) => BLOCK.replace(`"${what}":0`, `"${what}":${place}`)).join(',\n')

    expect(await complain(withCases(`{"id":"a","blocks":[${blocks}]}`))).toBe(
      `line 4, column 1: case "a" (number 0 from 0), ${problem} Give the blocks in time order, and every launch a number of its own.`
    )
  })

  it.each([
    ['nothing', '', 'is empty.'],
    ['only white space', ' \n\t', 'is empty.'],
    ['half a file', withLatency('5').slice(0, 150), 'It seems to be cut off'],
    ['a zip archive', Buffer.from('PK\u0003\u0004\u00ff', 'latin1'), 'is not UTF-8 text.'],
    ['UTF-16', Buffer.from(`\ufeff${withCases('')}`, 'utf16le'), 'is not UTF-8 text.'],
    [
      'too many brackets',
      '['.repeat(5_000_000),
      'holds more than 4 million lists and objects, the most that is judged at once.'
    ],
    ['deep nesting', withCases('['.repeat(100_000) + ']'.repeat(100_000)), 'case number 0 from 0, expected an object'],
    ['a gzip bomb', gzipBomb(), 'unpacks to more than 256 MiB, the most that is judged at once. Split it'],
    ['damaged gzip', gzipSync(withCases('')).subarray(0, 30), 'is damaged gzip data.'],
    ['a hidden key', `{"__proto__":{"polluted":1},${FORMAT},"cases":[]}`, 'unknown key "__proto__"']
  ])('%s', async (_name, bytes, problem) => {
    expect(await complain(bytes)).toContain(problem)
  })

  it('a file of 1 GB, by its size', async () => {
    const path = join(folder, 'large.json')
    await writeFile(path, '')
    await truncate(path, 1e9)

    expect(await judgeFile(path)).toEqual({
      kind: 'bad_file',
      message: `${path}: is larger than 256 MiB, the most that is judged at once. Split it into several files, each with fewer cases.`
    })
  })

  it('a stream without end', async () => {
    const endless = (function* endless() {
      for (;;) yield Buffer.alloc(16 * 1024 * 1024, ' ')
    })()

    expect(await judgeFile('-', Readable.from(endless))).toMatchObject({
      message: expect.stringContaining('is larger than 256 MiB')
    })
  })
})

/** Two gzip members are one stream; 260 kB that unpack to 260 MiB. */
function gzipBomb(): Buffer {
  const member = gzipSync(Buffer.alloc(26 * 1024 * 1024, ' '))
  return Buffer.concat(Array.from({ length: 10 }, () => member))
}

describe('what can be judged but says little is not called anything', () => {
  const { blocks } = simulateCase({ launches: 9, quads: 10 })
  const ofQuad = (change: (quad: readonly Block[]) => readonly Block[]) =>
    Array.from({ length: blocks.length / 4 }, (_, quad) => change(blocks.slice(4 * quad, 4 * quad + 4))).flat()

  it.each<[string, readonly Block[], object, string]>([
    ['no blocks', [], { kind: 'too_few_rounds', rounds: 0 }, 'Nothing was recorded'],
    [
      'five launches',
      blocks.filter(({ launch }) => launch < 5),
      { kind: 'too_few_rounds', rounds: 5, needed: 6 },
      'Inconclusive: 1 of 1 case'
    ],
    [
      'one side only',
      blocks.filter(({ side }) => side === 'baseline'),
      { kind: 'rounds_dropped', dropped: 9, rounds: 9 },
      'Only one side was recorded: there are no blocks of the candidate.'
    ],
    [
      'no successful request',
      blocks.map((block) => ({ ...block, latenciesNs: [], errors: 3 })),
      { kind: 'rounds_dropped', dropped: 9, rounds: 9 },
      'Requests failed: 540 of 540 on the baseline, 540 of 540 on the candidate.'
    ],
    [
      'one side failing',
      blocks.map((block) => ({ ...block, errors: block.side === 'candidate' ? 3 : 0 })),
      { kind: 'error_rates_differ' },
      'Inconclusive: 1 of 1 case'
    ],
    [
      'sides in different quads',
      ofQuad((quad) => quad.filter(({ side }) => (side === 'baseline') === ((quad[0]?.quad ?? 0) % 2 === 0))),
      { kind: 'rounds_dropped', dropped: 9, rounds: 9 },
      'no successful requests of both sides'
    ]
  ])('%s', async (_name, recorded, reason, words) => {
    const { judged, text } = await judgeCase(recorded)

    expect(judged).toMatchObject({ verdict: 'inconclusive', reason })
    expect(text).toContain(words)
  })

  it('a launch of one request per block leaves the tail not assessed', async () => {
    const { judged } = await judgeCase(simulateCase({ launches: 9, quads: 1, requestsPerBlock: 1 }).blocks)

    const verdicts = new Map(judged.metrics.map(({ metric, verdict }) => [metric, verdict]))
    expect(verdicts.get('p95')).toBe('not_assessed')
    expect(verdicts.get('p99')).toBe('not_assessed')
  })

  it.each([
    ['three blocks', (quad: readonly Block[]) => quad.slice(0, 3)],
    ['AABB', (quad: readonly Block[]) => quad.toSorted((a, b) => a.side.localeCompare(b.side))]
  ])('quads of %s are judged, with a warning', async (_name, change) => {
    const { judged, text } = await judgeCase(ofQuad(change))

    expect(judged.rounds).toBe(9)
    expect(text).toContain('! 90 of 90 quads (first: launch 0, quad 0) are not two blocks of each side')
  })

  it('latencies that do not fit into their block are judged, with a warning', async () => {
    const { text } = await judgeCase(blocks.map((block) => ({ ...block, wallNs: 1000 })))

    expect(text).toContain('! In 360 of 360 blocks (first: baseline, launch 0, quad 0) the latencies add up to more')
  })
})
