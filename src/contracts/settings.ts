import { z } from 'zod'

/** Settings that bot and worker both read from their environment, and must read alike. */

export const RedisUrl = z.string().regex(/^rediss?:\/\//, 'must start with redis:// or rediss://')

export const DatabaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must start with postgres://')

export const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

/** What must outlive the process: the embedded database, and this machine's calibrations. From the working folder. */
export const DataDir = z.string().default('.tailgate')
