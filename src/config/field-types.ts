import { z } from 'zod'
import { RepositoryPath } from '#contracts/identifiers.ts'

/** What single values of the configuration may be. Titles say what is expected, in messages and in the documentation. */

/** Ids become parts of case ids, table cells and headings, so they stay plain. */
export const Id = z
  .string()
  .max(63)
  .regex(/^[a-z0-9][a-z0-9_-]*$/)
  .meta({ title: 'an id (lower-case letters, digits, "_" and "-", at most 63 characters)' })

/** Names of a model's own inputs and dimensions: whatever the model calls them, on one line. */
export const TensorName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u)
  .meta({ title: 'the name of a model input or dimension (at most 200 characters, no control characters)' })

/**
 * Written `2%`, read as the ratio 0.02. A bare number is refused: `2` could mean 2 % or a doubling.
 * The decimal exponent keeps `0.7%` exactly 0.007, which dividing by 100 would not.
 */
export const Percentage = z
  .string()
  .max(12)
  .regex(/^\d+(?:\.\d+)?%$/)
  .meta({ title: 'a percentage such as 2%' })
  .transform((text) => Number(`${text.slice(0, -1)}e-2`))

const BYTES_PER_UNIT = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const

/** Written `64KiB`, read as bytes. A bare number is refused: it could mean bytes or megabytes. */
export const ByteAmount = z
  .string()
  .max(16)
  .regex(/^\d+(?:\.\d+)?(?:B|KiB|MiB|GiB)$/)
  .meta({ title: 'an amount of memory such as 64KiB (B, KiB, MiB or GiB)' })
  .transform((text) => {
    const bytes = Number.parseFloat(text)
    if (text.endsWith('KiB')) return bytes * BYTES_PER_UNIT.KiB
    if (text.endsWith('MiB')) return bytes * BYTES_PER_UNIT.MiB
    return bytes * (text.endsWith('GiB') ? BYTES_PER_UNIT.GiB : BYTES_PER_UNIT.B)
  })

export const PathGlob = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?![!/])[^()[\]{}\\\p{Cc}]+$/u)
  .meta({
    title: 'a glob such as src/**/*.py (made of "**", "*" and "?", relative to the repository, no "!" or "/" in front)'
  })

export const ModelPath = RepositoryPath.meta({
  title: 'a relative path inside the repository, such as models/detector.onnx'
})

export const whole = (min: number, max: number) => z.int().min(min).max(max)

/** A whole number of something, or a fraction of it. */
export const between = (min: number, max: number) => z.number().min(min).max(max)

/** More than nothing. */
export const above = (what: string) =>
  z
    .number()
    .positive()
    .max(1_000_000_000)
    .meta({ title: `${what} above 0` })

/** More than nothing, and no more than `max`. */
export const upTo = (what: string, max: number) =>
  z
    .number()
    .positive()
    .max(max)
    .meta({ title: `${what} above 0, at most ${max}` })
