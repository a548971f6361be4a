import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseProcessStat } from './parse-process.ts'

/** A side that starts more than these is not followed further: it is hostile, and looking must stay cheap. */
const PROCESSES_MAX = 256

/**
 * A process and all below it, the process first; empty when it is gone. The sandbox is such a tree: bubblewrap, its own
 * first process, and the side.
 */
export async function listDescendants(procFolder: string, pid: number): Promise<number[]> {
  const listChildren = await chooseLister(procFolder, pid)
  const found = [pid]
  for (const parent of found) {
    const children = await listChildren(parent)
    found.push(...children.filter((child) => !found.includes(child)))
    if (found.length >= PROCESSES_MAX) break
  }
  return found.slice(0, PROCESSES_MAX)
}

/** Some kernels are built without lists of children (CONFIG_PROC_CHILDREN); there the parents of all processes are read. */
async function chooseLister(procFolder: string, pid: number): Promise<(parent: number) => Promise<readonly number[]>> {
  const probe = await readText(join(procFolder, `${pid}/task/${pid}/children`))
  if (probe !== null) return (parent) => readChildren(procFolder, parent)
  const byParent = await readParents(procFolder)
  return async (parent) => byParent.get(parent) ?? []
}

async function readChildren(procFolder: string, pid: number): Promise<number[]> {
  const threads = await readdir(join(procFolder, `${pid}/task`)).catch(() => [])
  const lists = await Promise.all(threads.map((thread) => readText(join(procFolder, `${pid}/task/${thread}/children`))))
  return lists.flatMap((text) =>
    (text ?? '')
      .split(' ')
      .filter((word) => /^\d+$/.test(word))
      .map(Number)
  )
}

async function readParents(procFolder: string): Promise<Map<number, number[]>> {
  const names = (await readdir(procFolder).catch(() => [])).filter((name) => /^\d+$/.test(name))
  const byParent = new Map<number, number[]>()
  for (const name of names) {
    const stat = parseProcessStat((await readText(join(procFolder, name, 'stat'))) ?? '')
    if (stat !== null) byParent.set(stat.parentPid, [...(byParent.get(stat.parentPid) ?? []), Number(name)])
  }
  return byParent
}

function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
