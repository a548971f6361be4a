import type { EnvironmentIdentity, EnvironmentReading, GpuIdentity, GpuReading } from '#contracts/environment.ts'

/** A quiet machine without a GPU. */
export function sampleReading(changes: {
  readonly host?: Partial<EnvironmentReading['host']>
  readonly gpu?: Partial<GpuReading>
}): EnvironmentReading {
  return {
    startMs: 0,
    endMs: 1000,
    host: {
      loadAverage: 0.2,
      stealShare: 0,
      pressure: { cpu: null, memory: null, io: null },
      throttling: { periods: 100, throttledPeriods: 0, throttledUs: 0 },
      memoryAvailableBytes: 1e9,
      cpuClockMHz: 2500,
      ...changes.host
    },
    gpu: changes.gpu === undefined ? null : { ...QUIET_GPU, ...changes.gpu }
  }
}

const QUIET_GPU: GpuReading = {
  samples: 4,
  problem: null,
  smClockMHz: { lowest: 1500, median: 1500, highest: 1500 },
  sideSmClockMHz: { baseline: 1500, candidate: 1500 },
  memoryClockMHz: null,
  temperatureC: null,
  powerW: null,
  utilisationShare: null,
  memoryUsedBytes: null,
  reasons: [],
  eccErrors: { corrected: 0, uncorrected: 0 },
  processes: []
}

export const SAMPLE_GPU: GpuIdentity = {
  uuid: 'GPU-1c2f8a36-0d5b-4e0e-9f1a-6b7c5d4e3f20',
  name: 'NVIDIA L40S',
  vbios: '95.02.66.00.02',
  driverVersion: '570.124.06',
  cudaVersion: '12.8',
  mig: { enabled: false, instanceUuid: null },
  ecc: true,
  computeMode: 'Default',
  persistence: true,
  powerLimitW: 350,
  defaultPowerLimitW: 350,
  maxPowerLimitW: 350,
  pcieGenMax: 4,
  pcieWidthMax: 16,
  memoryTotalBytes: 48_305_799_168
}

const ENGINE = { version: '1.30.0', librariesSha256: 'a'.repeat(64) }

export const SAMPLE_IDENTITY: EnvironmentIdentity = {
  cpu: {
    model: 'AMD EPYC',
    microcode: '0x1000065',
    coreCount: 4,
    allowedCores: '0-3',
    governors: ['performance'],
    turbo: false,
    smt: false,
    virtual: false
  },
  cgroupQuotaCores: null,
  kernel: '6.1.0',
  container: false,
  nodeVersion: 'v24.21.0',
  engines: { baseline: ENGINE, candidate: ENGINE },
  gpu: SAMPLE_GPU
}
