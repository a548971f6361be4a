import { availableParallelism, loadavg } from 'node:os'
import { builtInModel } from '#workers/calibration/built-in-model.ts'
import { type ReadCalibrations, readCalibrations } from '#workers/calibration/read-calibrations.ts'
import type { AskedProvider } from '#workers/device/explain-provider.ts'
import { readFingerprint } from '#workers/device/fingerprint.ts'
import { probeProviders } from '#workers/device/probe-providers.ts'
import { probeRuntime } from '#workers/device/probe-runtime.ts'
import { readCpuPolicy } from '#workers/device/read-cpu-policy.ts'
import { findSideDevice } from '#workers/device/side-device.ts'
import type { InstallationSettings } from '#workers/env.ts'
import { probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import type { Finding, FindingGroup } from './finding.ts'
import { judgeCalibrations } from './judge-calibrations.ts'
import { judgeContainer, judgeQuota } from './judge-container.ts'
import { judgeGpus, judgeNvidia, judgeVulkan } from './judge-devices.ts'
import {
  judgeCores,
  judgeGovernor,
  judgeLoad,
  judgeMemory,
  judgeSmt,
  judgeTurbo,
  judgeVirtual
} from './judge-machine.ts'
import {
  judgeGit,
  judgeGitLfs,
  judgeNode,
  judgeNpm,
  judgeRuntime,
  judgeSandbox,
  judgeTaskset
} from './judge-programs.ts'
import { judgeProviders } from './judge-providers.ts'
import { judgeBot, judgeDatabase, judgeDataDir, judgeRedis } from './judge-services.ts'
import { type ProbedDevices, probeContainer, probeDevices } from './probe-devices.ts'
import { hasTaskset, readOutput } from './probe-programs.ts'
import { probeBot, probeDatabase, probeDataDir, probeRedis } from './probe-services.ts'
import { watchMachine } from './watch-machine.ts'

/** What `tailgate calibrate` takes without options, restarts included. */
const CALIBRATE_MINUTES = 7

export interface CheckedInstallation {
  readonly groups: readonly FindingGroup[]
  readonly stored: ReadCalibrations
}

/** Runs every check against this machine, programs and services. Takes a few seconds and leaves nothing behind. */
export async function runChecks(settings: InstallationSettings): Promise<CheckedInstallation> {
  // First, and alone: the other checks are work themselves.
  const machine = await checkMachine()
  const bubblewrap = await probeBubblewrap()
  const sandboxPath = bubblewrap.kind === 'usable' ? bubblewrap.path : null
  const fingerprint = await readFingerprint({ sandbox: sandboxPath === null ? 'none' : 'bubblewrap' })
  const runtime = await probeRuntime({ model: builtInModel(), bubblewrap: sandboxPath })
  const stored = await readCalibrations(settings.dataDir)
  const calibrated = judgeCalibrations({
    ...stored,
    fingerprint,
    nowMs: Date.now(),
    expectedMinutes: CALIBRATE_MINUTES
  })
  const container = await probeContainer()
  const devices = await probeDevices(settings.nvidiaSmi)
  const hasGpu = devices.gpus.length > 0
  const providers = await probeProviders({
    asked: listProviders(devices),
    bubblewrap: sandboxPath,
    engineDirectory: null,
    findDevice: (session) => findSideDevice(session, devices.found, settings.libraryPath)
  })
  const programs = [
    judgeNode(process.version),
    judgeRuntime(runtime, fingerprint.onnxruntimeVersion),
    judgeGit(await readOutput('git', ['--version'])),
    judgeGitLfs(await readOutput('git', ['lfs', 'version'])),
    judgeNpm(await readOutput('npm', ['--version'])),
    judgeSandbox(bubblewrap),
    judgeTaskset({ present: await hasTaskset(), platform: process.platform })
  ]
  const groups = [
    { title: 'Programs', findings: programs },
    {
      title: 'Machine',
      findings: [
        ...machine,
        judgeMemory(process.availableMemory(), fingerprint.memoryBytes),
        judgeContainer(container, { hasGpu }),
        judgeQuota({ ...container, coreCount: availableParallelism() })
      ]
    },
    { title: 'Devices', findings: [...listDevices(devices), ...judgeProviders(providers, { hasGpu })] },
    { title: 'Services', findings: await checkServices(settings) },
    { title: 'Calibration', findings: calibrated }
  ]
  return { groups, stored }
}

function listDevices({ found, gpus, vulkan }: ProbedDevices): readonly Finding[] {
  const asksVulkan = gpus.length > 0 && process.platform === 'linux'
  return [...judgeNvidia(found), ...judgeGpus(gpus), ...(asksVulkan ? [judgeVulkan(vulkan)] : [])]
}

/** CUDA on each GPU; of the others one tells enough. */
function listProviders({ gpus }: ProbedDevices): readonly AskedProvider[] {
  const gpuCount = new Set(gpus.map(({ device }) => device.identity.uuid)).size
  const cudaDevices = Array.from({ length: Math.max(1, gpuCount) }, (_, deviceId) => deviceId)
  return [
    { provider: 'webgpu', deviceId: 0 },
    ...cudaDevices.map((deviceId) => ({ provider: 'cuda' as const, deviceId })),
    { provider: 'tensorrt', deviceId: 0 }
  ]
}

async function checkMachine(): Promise<readonly Finding[]> {
  const loadAverage = loadavg()[0] ?? 0
  const { cores, stealShare } = await watchMachine()
  const policy = await readCpuPolicy()
  return [
    judgeCores(cores),
    judgeGovernor(policy),
    judgeTurbo(policy),
    judgeSmt(policy),
    judgeVirtual(policy, stealShare),
    judgeLoad(loadAverage, cores?.length ?? 1)
  ]
}

async function checkServices(settings: InstallationSettings): Promise<readonly Finding[]> {
  const { dataDir, redisUrl, databaseUrl, botUrl, workerToken } = settings
  return Promise.all([
    probeDataDir(dataDir).then(judgeDataDir),
    probeRedis(redisUrl).then(judgeRedis),
    probeDatabase(databaseUrl).then(judgeDatabase),
    probeBot(botUrl, workerToken).then(judgeBot)
  ])
}
