import { z } from 'zod'
import { Distribution } from '#contracts/inputs.ts'
import { Id, ModelPath, TensorName, whole } from './field-types.ts'

const Size = whole(1, 1_000_000)

const Dimension = z
  .union([
    Size,
    z.strictObject({
      choices: z.array(Size).min(1).max(100),
      weights: z.array(z.number().positive().max(1_000_000)).max(100).default([])
    })
  ])
  .meta({
    title: 'a whole number from 1 to 1000000, or { choices: [480, 640], weights: [3, 1] } (weights may be left out)'
  })

export const Recorded = z
  .union([ModelPath, z.strictObject({ path: ModelPath, input: TensorName })])
  .meta({ title: 'a path such as bench/speech.npz, or { path: bench/speech.npy, input: audio }' })

const RandomValues = Distribution.meta({
  title:
    'one of { kind: normal, mean: 0, sd: 1 }, { kind: uniform, low: 0, high: 1 }, { kind: integers, low: 0, high: 9 } and { kind: zeros }'
})

export const InputsConfig = z.strictObject({
  dims: z
    .record(TensorName, Dimension)
    .meta({
      maxProperties: 50,
      description:
        'Sizes of named dynamic dimensions. Those that are not listed are 1. With choices, each sample draws one of them, as often as its weight says.'
    })
    .default({}),
  values: z
    .record(TensorName, z.number())
    .meta({
      maxProperties: 50,
      description:
        'One number for every element of an input. Without it, floats are drawn from a standard normal distribution and all other types are zero.'
    })
    .default({}),
  random: z
    .record(TensorName, RandomValues)
    .meta({
      maxProperties: 50,
      description: 'What the values of an input are drawn from. `integers` draws from `low` to `high`, both included.'
    })
    .default({}),
  shapes: z
    .record(TensorName, z.array(whole(0, 1_000_000)).max(8))
    .meta({
      maxProperties: 50,
      description:
        "Full shape of an input, in place of the model's own. At most 67,108,864 elements, as for every input."
    })
    .default({}),
  samples: whole(1, 1024)
    .meta({
      description:
        'How many different samples are generated. Requests take them in turns, the same ones on both sides. Dimensions with choices need several.'
    })
    .default(1),
  recorded: z
    .array(Recorded)
    .max(1024)
    .meta({
      description:
        'Files with recorded samples, instead of generated ones: `.npz` (one sample, arrays named after inputs), `.npy` (one input) or `.json`. Inputs that they lack are generated.'
    })
    .default([]),
  seed: whole(0, 4_294_967_295)
    .meta({ description: 'Seed of the generated inputs. Both sides get the same values.' })
    .default(1)
})
export type InputsConfig = z.infer<typeof InputsConfig>

export const ModelConfig = z.strictObject({
  path: ModelPath.meta({ description: 'The ONNX file.' }),
  session: z
    .union([Id, z.array(Id).min(1).max(20)])
    .meta({
      title: 'a session id or a list of session ids',
      description: 'The session, or list of sessions, that the model is measured with.'
    })
    .default('default'),
  inputs: InputsConfig.meta({
    description: "How the model's inputs are made. Whatever is not given is inferred from the model."
  }).prefault({})
})
export type ModelConfig = z.infer<typeof ModelConfig>
