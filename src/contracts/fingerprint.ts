import { z } from 'zod'

/** The machine behind the numbers. Everything here is printed in the report. */
export const Fingerprint = z.strictObject({
  hostname: z.string().max(200),
  cpuModel: z.string().max(200),
  cpuCount: z.int().positive(),
  memoryBytes: z.number().nonnegative(),
  os: z.string().max(200),
  nodeVersion: z.string().max(50),
  onnxruntimeVersion: z.string().max(50),
  device: z.string().max(200),
  /** `bubblewrap`, or `none` where the program is not there. */
  sandbox: z.enum(['bubblewrap', 'none'])
})
export type Fingerprint = z.infer<typeof Fingerprint>
