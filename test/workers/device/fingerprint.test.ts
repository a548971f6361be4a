import onnxruntimePackage from 'onnxruntime-node/package.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { distributionName, limitLine, readFingerprint, usableMemoryBytes } from '#workers/device/fingerprint.ts'

describe('readFingerprint', () => {
  test('describes this machine', async () => {
    const fingerprint = await readFingerprint({ sandbox: 'none' })

    expect(fingerprint).toMatchObject({
      nodeVersion: process.version,
      onnxruntimeVersion: onnxruntimePackage.version,
      device: expect.stringMatching(/^CPU, \d+ cores?$/),
      os: expect.stringContaining(process.arch),
      sandbox: 'none'
    })
    expect(fingerprint.memoryBytes).toBeGreaterThan(0)
  })

  test('takes device and sandbox as told, cut to the length of the contract', async () => {
    const fingerprint = await readFingerprint({ sandbox: 'bubblewrap', device: `GPU\n${'x'.repeat(500)}` })

    expect(fingerprint.sandbox).toBe('bubblewrap')
    expect(fingerprint.device).toBe(`GPU ${'x'.repeat(196)}`)
  })
})

describe('usableMemoryBytes', () => {
  test.each([
    ['the cgroup limit when it is smaller', 1000, 400, 400],
    ['the machine when the limit is absent', 1000, undefined, 1000],
    ['the machine when the limit is reported as zero', 1000, 0, 1000],
    ['the machine when the limit is a huge number', 1000, 2 ** 64, 1000]
  ])('is %s', (_what, totalBytes, constrainedBytes, expected) => {
    expect(usableMemoryBytes(totalBytes, constrainedBytes)).toBe(expected)
  })
})

describe('distributionName', () => {
  test('reads the quoted and the bare form', () => {
    expect(distributionName('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
      'Debian GNU/Linux 12 (bookworm), '
    )
    expect(distributionName('PRETTY_NAME=Alpine\n')).toBe('Alpine, ')
  })

  test('is empty when the file says nothing', () => {
    expect(distributionName('')).toBe('')
  })
})

describe('limitLine', () => {
  test('makes one printable line', () => {
    expect(limitLine(' AMD\u0000 EPYC\n\t9354\u202e ', 20)).toBe('AMD EPYC 9354')
  })

  test('is "unknown" when nothing is left', () => {
    expect(limitLine(' \n', 20)).toBe('unknown')
  })
})
