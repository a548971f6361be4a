import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { locateJsonError } from '#src/cli/locate-json-error.ts'
import { makePrintable } from '#src/cli/make-printable.ts'
import { readMeasurements } from '#src/cli/read-measurements.ts'

const BLOCK = { side: 'baseline', launch: 0, quad: 0, wallNs: 10, latenciesNs: [5, 5], errors: 0 }

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function complain(content: string | Buffer): Promise<string> {
  const path = join(folder, 'm.json')
  await writeFile(path, content)
  const outcome = await readMeasurements(path)
  if (outcome.kind === 'read') throw new Error('the file was accepted')
  expect(outcome.message.startsWith(`${path}: `)).toBe(true)
  expect(outcome.message).not.toContain('\n')
  return outcome.message.slice(path.length + 2)
}

function file(parts: object): string {
  return JSON.stringify({ format: 'tailgate.measurements/1', cases: [], ...parts })
}

function withBlock(parts: object): string {
  return file({ cases: [{ id: 'a/b', blocks: [BLOCK, { ...BLOCK, ...parts }] }] })
}

describe('readMeasurements, wrong content', () => {
  it.each([
    [
      withBlock({ latenciesNs: [5, -3] }),
      'case "a/b" (number 0 from 0), block 1, key latenciesNs[1]: expected more than 0, found -3. Give one positive number of nanoseconds per successful request and count failed ones in "errors".'
    ],
    [
      withBlock({ side: 'Candidate' }),
      'case "a/b" (number 0 from 0), block 1, key side: expected "baseline" or "candidate", found "Candidate". Use "baseline" or "candidate".'
    ],
    [
      withBlock({ launch: 1.5 }),
      'case "a/b" (number 0 from 0), block 1, key launch: expected a whole number, found 1.5. Number the launches with whole numbers from 0.'
    ],
    [
      withBlock({ errors: undefined }),
      'case "a/b" (number 0 from 0), block 1, key errors: is missing. Give the number of failed requests, 0 when there were none.'
    ],
    [
      withBlock({ latency: 3 }),
      'case "a/b" (number 0 from 0), block 1, unknown key "latency". Remove it, or correct its spelling.'
    ],
    [
      file({ cases: [{ id: 'a', thresholds: { p50: '2 %' }, blocks: [] }] }),
      'case "a" (number 0 from 0), key thresholds.p50: expected a number, found "2 %". Give ratios such as {"p50": 0.02}, or leave the key out for the defaults.'
    ],
    [
      file({ cases: [{ blocks: [] }] }),
      'case number 0 from 0, key id: is missing. Give every case a name of 1 to 500 characters.'
    ],
    [
      file({ format: 'tailgate.measurements/2' }),
      'key format: expected "tailgate.measurements/1", found "tailgate.measurements/2". Set "format" to "tailgate.measurements/1", or convert the file.'
    ],
    ['[]', 'expected an object, found a list. Expected {"format": "tailgate.measurements/1", "cases": [...]}.']
  ])('says where, what was found and what to do: %#', async (content, message) => {
    const complaint = await complain(content)

    expect(complaint).toMatch(/^line 1, column \d+: /)
    expect(complaint.replace(/^line 1, column \d+: /, '')).toBe(message)
  })

  it('points at the wrong value itself', async () => {
    const complaint = await complain(withBlock({ latenciesNs: [5, -3] }).replaceAll('{', '{\n'))

    expect(complaint).toMatch(/^line 5, column 68: case "a\/b" .* found -3\./)
  })

  it('refuses the same case id twice', async () => {
    const content = file({
      cases: [
        { id: 'a', blocks: [] },
        { id: 'b', blocks: [] },
        { id: 'a', blocks: [] }
      ]
    })

    expect(await complain(content)).toBe(
      'line 1, column 98: case "a" (number 2 from 0): case number 0 has the same id. Give every case its own id.'
    )
  })

  it('names one problem and counts the others of the same block', async () => {
    expect(await complain(withBlock({ side: 1, launch: -1, quad: -1 }))).toContain('(and 2 more problems here)')
  })

  it('keeps control characters of the file away from the terminal', async () => {
    const message = await complain(file({ cases: [{ id: 'a\u001b[2J\u202e', blocks: 1 }] }))

    expect(makePrintable(message)).toBe(message)
    expect(message).toContain('key blocks: expected a list, found 1')
  })

  it('shortens what it found', async () => {
    expect((await complain(withBlock({ side: 'x'.repeat(10_000) }))).length).toBeLessThan(250)
  })
})

describe('readMeasurements, not JSON', () => {
  it('points at NaN, which JSON does not have', async () => {
    expect(await complain('{"format": "tailgate.measurements/1",\n "cases": [NaN]}')).toBe(
      "is not valid JSON at line 2, column 12: Unexpected token 'N'. JSON has no NaN, Infinity, comments or trailing commas: leave them out."
    )
  })

  it('says when the file is cut off', async () => {
    expect(await complain('{"format": "tailgate.measurements/1", "ca')).toMatch(
      /^is not valid JSON at line 1, column 42: Unterminated string\. It seems to be cut off/
    )
  })

  it('names a number too large for JSON readers', async () => {
    expect(await complain(withBlock({}).replace('"wallNs":10', '"wallNs":1e999'))).toContain(
      'key wallNs: expected a number, found Infinity'
    )
  })

  it.each([
    ['', 'is empty.'],
    [Buffer.from('{}', 'utf16le'), 'is not valid JSON'],
    [Buffer.from([0xff, 0xfe, 0x7b]), 'is not UTF-8 text.'],
    [gzipSync('{}'.repeat(5000)).subarray(0, 20), 'is damaged gzip data.']
  ])('refuses other content: %#', async (content, message) => {
    expect(await complain(content)).toContain(message)
  })

  it('says that there is no such file, or that it is a folder', async () => {
    const missing = join(folder, 'missing.json')

    expect(await readMeasurements(missing)).toEqual({
      kind: 'bad_file',
      message: `${missing}: there is no such file. Check the path.`
    })
    expect(await readMeasurements(folder)).toMatchObject({ message: expect.stringContaining('is a folder') })
  })
})

describe('readMeasurements, good files', () => {
  it.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['gzip under any name', (text: string) => gzipSync(text)],
    ['with a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)]
  ])('reads JSON %s', async (_, encode) => {
    const path = join(folder, 'm.json')
    await writeFile(path, encode(withBlock({})))

    expect(await readMeasurements(path)).toMatchObject({
      kind: 'read',
      measurements: { cases: [{ id: 'a/b', blocks: [BLOCK, BLOCK] }] }
    })
  })
})

describe('locateJsonError', () => {
  it.each([
    ['[1,]', 'line 1, column 4'],
    ['{\n  "a": 1,\n}', 'line 3, column 1'],
    ['[1, x]', 'line 1, column 5'],
    ['x', 'line 1, column 1'],
    ['["N", NaN, "NaN"]', 'line 1, column 7'],
    ['[1 2]', 'line 1, column 4'],
    ['[tru', 'line 1, column 5'],
    ['[1] x', 'line 1, column 5']
  ])('finds the place in %j', (text, place) => {
    let message = ''
    try {
      JSON.parse(text)
    } catch (error) {
      message = error instanceof Error ? error.message : ''
    }

    expect(locateJsonError(text, message)).toBe(place)
  })
})
