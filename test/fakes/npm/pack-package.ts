import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

/** A release as a registry has it. */
export interface PackedPackage {
  readonly manifest: PackageManifest
  readonly tarball: Buffer
  /** Of the tarball, as npm checks it. */
  readonly integrity: string
}

export interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly [field: string]: unknown
}

const NODE_MODULES = resolve('node_modules')

/** Packs files as npm does: in a folder `package`, with the manifest. */
export function packPackage(manifest: PackageManifest, files: Readonly<Record<string, string>>): PackedPackage {
  return packFolder(manifest, (folder) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  })
}

/**
 * The onnxruntime-node that is installed here, and the onnxruntime-common that it needs, as releases of another version: real
 * code with real binaries of this platform, and what else the manifest shall say.
 */
export function packInstalledRuntime(
  version: string,
  changes: Readonly<Record<string, unknown>> = {}
): readonly PackedPackage[] {
  const common = readManifest('onnxruntime-common')
  const runtime = readManifest('onnxruntime-node')
  const platform = join(process.platform, process.arch)
  return [
    packFolder({ ...common, version }, (folder) => copyParts('onnxruntime-common', folder, ['dist'])),
    packFolder({ ...runtime, version, dependencies: { 'onnxruntime-common': version }, ...changes }, (folder) => {
      copyParts('onnxruntime-node', folder, ['dist', join('bin', 'napi-v6', platform)])
      // Stands for the binaries of other systems, most of the real package.
      mkdirSync(join(folder, 'bin', 'napi-v6', 'otheros', 'x64'), { recursive: true })
      writeFileSync(join(folder, 'bin', 'napi-v6', 'otheros', 'x64', 'onnxruntime_binding.node'), 'other')
    })
  ]
}

function packFolder(manifest: PackageManifest, fill: (folder: string) => void): PackedPackage {
  const scratch = mkdtempSync(join(tmpdir(), 'tailgate-pack-'))
  try {
    const folder = join(scratch, 'package')
    mkdirSync(folder)
    fill(folder)
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    const tar = execFileSync('tar', ['-cf', '-', '-C', scratch, 'package'], { maxBuffer: 1024 ** 3 })
    // Barely compressed: it is only read once.
    const tarball = gzipSync(tar, { level: 1 })
    return { manifest, tarball, integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}` }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function readManifest(name: string): PackageManifest {
  return JSON.parse(readFileSync(join(NODE_MODULES, name, 'package.json'), 'utf8'))
}

function copyParts(name: string, folder: string, parts: readonly string[]): void {
  for (const part of parts) {
    const from = join(NODE_MODULES, name, part)
    if (existsSync(from)) cpSync(from, join(folder, part), { recursive: true })
  }
}
