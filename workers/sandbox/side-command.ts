import { dirname, resolve } from 'node:path'
import type { SideDevice } from '#workers/device/side-device.ts'
import { dieWithParentArguments } from './find-setpriv.ts'

/**
 * What the sandbox gives a side process, and what it leaves open.
 *
 * With bubblewrap: namespaces of its own for users, processes, network, IPC, host name and cgroups; no network
 * device but an unconnected loopback; no capabilities and no way to make new user namespaces; an empty environment;
 * a read-only file system that holds the system libraries, Node, this project's code, the one checkout and the engine of
 * the side; a 64 MiB /tmp that vanishes; death with its supervisor. The channel on file descriptors 3 and 4 is its only
 * way out.
 *
 * Left open: system calls are not filtered (no seccomp profile), so a kernel bug reachable from an unprivileged
 * process is reachable from here. Memory, CPU and process count are not limited by the sandbox: run the worker in a
 * container or a systemd unit with limits (MemoryMax, TasksMax). The supervisor's wall-clock limit ends what hangs.
 * CPU caches are shared with the rest of the machine. A side whose session is on a GPU can reach the driver of every GPU
 * of its kind, and shares the GPU's memory with whoever else is on it; others see no GPU.
 *
 * Without bubblewrap the side is an ordinary child process with an empty environment: it can open network
 * connections and read every file that the worker's user can read. Use that for repositories you trust. With `setpriv`
 * it dies with its supervisor too; without, one that hangs in a model outlives a supervisor that is killed.
 */
export type SideCommandOptions = {
  /** Absolute path of the Node that runs the side. */
  readonly nodePath: string
  /** Absolute path of the program to run. */
  readonly sideProgram: string
  /** Absolute path of the side's own checkout; visible at the same path inside, read-only. */
  readonly checkoutDirectory: string
  /** Absolute paths of other checkouts that cases of this side take files from; visible like its own. */
  readonly otherCheckouts?: readonly string[]
  /** Absolute paths of installed engines that the side may load; visible at the same paths inside, read-only. */
  readonly engineDirectories?: readonly string[]
  /** What the side needs in order to reach the device of its session; null or nothing: it runs on the processor. */
  readonly device?: DeviceAccess | null
  /** Absolute path of bubblewrap as found by `findBubblewrap`, or null to run without. */
  readonly bubblewrap: string | null
  /** Absolute path of setpriv as found by `findSetpriv`. Bubblewrap needs none. */
  readonly setpriv?: string | null
  /** Where Node finds the side program compiled; only `fillCodeCache` may write there. Without it Node compiles anew. */
  readonly codeCache?: CodeCache | null
}

export type DeviceAccess = Pick<SideDevice, 'environment' | 'devicePaths' | 'readOnlyPaths'>

/** What the worker has to start side programs with, whatever they are. */
export type SideSandbox = Pick<SideCommandOptions, 'nodePath' | 'bubblewrap' | 'setpriv'>

type CodeCache = { readonly directory: string; readonly access: 'read' | 'write' }

/** How to start a side process. */
export type SideCommand = {
  readonly program: string
  /** Ends with the side program, so that arguments for it can be appended. */
  readonly args: readonly string[]
  /** The complete environment to spawn with. */
  readonly env: Readonly<Record<string, string>>
}

const PROJECT_DIRECTORY = resolve(import.meta.dirname, '..', '..')

/** The parts of the project a side needs. Not the whole folder: a .env file or the bot's data may lie in it. */
const PROJECT_PARTS: readonly string[] = ['package.json', 'node_modules', 'workers', 'src/contracts', 'src/stats']

/** Programs and libraries. Where /lib is a link to /usr/lib, binding it follows the link. */
const SYSTEM_PATHS: readonly string[] = [
  '/usr',
  '/lib',
  '/lib32',
  '/lib64',
  '/bin',
  '/etc/ld.so.cache',
  '/etc/alternatives'
]

/** onnxruntime counts cores and caches here to choose its threads; without it the sandbox would change what is measured. */
const CPU_TOPOLOGY_PATHS: readonly string[] = ['/sys/devices/system/cpu', '/sys/devices/system/node']

const SIDE_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/bin:/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  // From 1.29 on, onnxruntime's Linux binaries upload usage data (with model and graph names and hashes) unless told
  // not to before they load. Those are private, and the uploader's threads would run while we measure.
  ORT_DISABLE_TELEMETRY: '1'
}

/** https://nodejs.org/api/module.html#module-compile-cache */
const CODE_CACHE_VARIABLE = 'NODE_COMPILE_CACHE'

const TEMPORARY_FILES_MAX_BYTES = 64 * 1024 ** 2
/** "nobody" on Linux distributions. */
const NOBODY_ID = '65534'

/** No signal may open Node's inspector. */
const NODE_FLAGS: readonly string[] = ['--disable-sigusr1']

/**
 * The command that starts one side process. Spawn it from the main thread (it dies with the thread that started it), with `env` as the whole environment and the channel as file descriptors 3 and 4.
 *
 * Under bubblewrap a side that died of signal N exits with code 128 + N instead of reporting the signal.
 */
export function sideCommand(options: SideCommandOptions): SideCommand {
  const nodeArguments = [...NODE_FLAGS, options.sideProgram]
  const codeCache = options.codeCache ?? null
  if (options.bubblewrap === null) return plainCommand(options, nodeArguments)
  const shown = [
    ...PROJECT_PARTS.map((part) => resolve(PROJECT_DIRECTORY, part)),
    options.nodePath,
    options.sideProgram
  ]
  return {
    program: options.bubblewrap,
    args: [
      ...isolationArguments(),
      ...withoutNested(shown).flatMap(bindReadOnly),
      ...listFolders(options).flatMap(bindReadOnly),
      ...deviceArguments(options.device ?? null),
      ...codeCacheArguments(codeCache),
      ...sealArguments(),
      '--',
      options.nodePath,
      ...nodeArguments
    ],
    env: {}
  }
}

function listFolders({ checkoutDirectory, otherCheckouts = [], engineDirectories = [] }: SideCommandOptions) {
  return [checkoutDirectory, ...otherCheckouts, ...engineDirectories]
}

function plainCommand(options: SideCommandOptions, nodeArguments: readonly string[]): SideCommand {
  const { nodePath, setpriv = null, codeCache = null, device } = options
  const shared = { ...SIDE_ENVIRONMENT, ...device?.environment }
  const env = { ...shared, ...(codeCache === null ? {} : { [CODE_CACHE_VARIABLE]: codeCache.directory }) }
  if (setpriv === null) return { program: nodePath, args: nodeArguments, env }
  return { program: setpriv, args: dieWithParentArguments(nodePath, nodeArguments), env }
}

/** Where a machine lacks one of these paths, what it is for is not there either, and the driver says so. */
function deviceArguments(device: DeviceAccess | null): readonly string[] {
  if (device === null) return []
  const { environment, devicePaths, readOnlyPaths } = device
  return [
    ...devicePaths.flatMap((path) => ['--dev-bind-try', path, path]),
    ...readOnlyPaths.flatMap((path) => ['--ro-bind-try', path, path]),
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value])
  ]
}

function codeCacheArguments(codeCache: CodeCache | null): readonly string[] {
  if (codeCache === null) return []
  const { directory, access } = codeCache
  // A cache that is gone by now is no reason not to start.
  const bind = [access === 'write' ? '--bind' : '--ro-bind-try', directory, directory]
  return [...bind, '--setenv', CODE_CACHE_VARIABLE, directory]
}

/** Runs `/usr/bin/true` (or another system program) under the same isolation, to find out whether this machine allows it. */
export function sandboxProbeArguments(program: string): string[] {
  return [...isolationArguments(), ...sealArguments(), '--', program]
}

function isolationArguments(): string[] {
  return [
    '--unshare-all',
    // --unshare-all only tries the user namespace; --uid and --disable-userns need it for certain.
    '--unshare-user',
    '--disable-userns',
    '--die-with-parent',
    '--new-session',
    '--cap-drop',
    'ALL',
    '--uid',
    NOBODY_ID,
    '--gid',
    NOBODY_ID,
    '--hostname',
    'tailgate-side',
    '--clearenv',
    ...Object.entries(SIDE_ENVIRONMENT).flatMap(([name, value]) => ['--setenv', name, value]),
    ...SYSTEM_PATHS.flatMap((path) => ['--ro-bind-try', path, path]),
    ...CPU_TOPOLOGY_PATHS.flatMap((path) => ['--ro-bind-try', path, path]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    // Before the project and the checkout, which may themselves lie below /tmp.
    '--size',
    String(TEMPORARY_FILES_MAX_BYTES),
    '--tmpfs',
    '/tmp'
  ]
}

/** After all binds: the folders bubblewrap itself made can be written until then. */
function sealArguments(): string[] {
  return ['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/']
}

function bindReadOnly(path: string): string[] {
  return ['--ro-bind', path, path]
}

/** Drops paths that lie inside another one or inside the system folders: their mount points exist already, read-only. */
function withoutNested(paths: readonly string[]): readonly string[] {
  const roots = [...SYSTEM_PATHS, ...paths]
  return paths.filter((path) => !roots.some((root) => isInside(path, root)))
}

function isInside(path: string, folder: string): boolean {
  for (let parent = dirname(path); parent !== dirname(parent); parent = dirname(parent)) {
    if (parent === folder) return true
  }
  return false
}
