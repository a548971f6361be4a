import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, hostname, release, totalmem, type } from 'node:os'
import { z } from 'zod'
import { Fingerprint } from '#contracts/fingerprint.ts'

const OS_RELEASE_PATH = '/etc/os-release'

const PackageFile = z.object({ version: z.string() })

export type ReadFingerprintOptions = {
  readonly sandbox: Fingerprint['sandbox']
  /** What the models run on. Default: the CPU provider with the threads this process may use. */
  readonly device?: string
}

/**
 * Describes the machine behind the numbers: processor, the cores and memory this process may use (not those the
 * container hides), operating system, Node and onnxruntime. Text is cut to the contract's lengths, never refused.
 */
export async function readFingerprint(options: ReadFingerprintOptions): Promise<Fingerprint> {
  const cpuModel = cpus()[0]?.model ?? ''
  const cpuCount = availableParallelism()
  return Fingerprint.parse({
    hostname: limitLine(hostname(), 200),
    cpuModel: limitLine(cpuModel, 200),
    cpuCount,
    memoryBytes: usableMemoryBytes(totalmem(), process.constrainedMemory()),
    os: limitLine(`${await readDistribution()}${type()} ${release()} ${arch()}`, 200),
    nodeVersion: limitLine(process.version, 50),
    onnxruntimeVersion: limitLine(await readOnnxruntimeVersion(), 50),
    device: limitLine(options.device ?? `CPU, ${cpuCount} ${cpuCount === 1 ? 'core' : 'cores'}`, 200),
    sandbox: options.sandbox
  })
}

/** The smaller of machine and cgroup limit. Node reports an absent limit as 0 or as a number larger than any memory. */
export function usableMemoryBytes(totalBytes: number, constrainedBytes: number | undefined): number {
  return constrainedBytes === undefined || constrainedBytes <= 0 ? totalBytes : Math.min(totalBytes, constrainedBytes)
}

/** `Debian GNU/Linux 12 (bookworm), ` from the text of an os-release file, or nothing. */
export function distributionName(osRelease: string): string {
  const name = /^PRETTY_NAME=["']?(.*?)["']?\s*$/m.exec(osRelease)?.[1] ?? ''
  return name === '' ? '' : `${name}, `
}

/** One printable line of at most `lengthMax` characters; `unknown` when nothing is left, as ARM reports no CPU model. */
export function limitLine(text: string, lengthMax: number): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, lengthMax)
  return line === '' ? 'unknown' : line
}

async function readDistribution(): Promise<string> {
  return distributionName(await readFile(OS_RELEASE_PATH, 'utf8').catch(() => ''))
}

/** The installed version, or `not installed`: the package is optional, so that a bot can do without. */
async function readOnnxruntimeVersion(): Promise<string> {
  try {
    const path = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
    return PackageFile.parse(JSON.parse(await readFile(path, 'utf8'))).version
  } catch {
    return 'not installed'
  }
}
