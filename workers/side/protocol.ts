import { z } from 'zod'
import { GraphReading, ProfileReading } from '#contracts/graph.ts'
import type { InputSpec } from '#contracts/inputs.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import type { SessionSpec } from '#contracts/session.ts'
import type { SegmentRequest } from '#workers/load/segment-frames.ts'
import type { InjectedDelay } from './inject-delay.ts'

/**
 * What supervisor and side process say to each other, in the frames of frames.ts: requests come in on file descriptor 3,
 * replies go out on 4, one reply per request, one request at a time. The side process imports only the types, so that zod
 * does not slow its start; the supervisor parses every reply, because the side process may have been taken over by a
 * hostile model. What a new kind of request needs is listed in workers/measure/read-reply.ts.
 *
 * There is no request to exit: the side process ends when the supervisor closes its channel, and is killed otherwise.
 */

/** A file of recorded samples as the supervisor found it. */
export interface RecordedSource {
  /** Absolute path, without symbolic links. */
  readonly file: string
  /** As the repository names it, for messages. */
  readonly path: string
  /** The input that a .npy file feeds; null where the model has only one. */
  readonly input: string | null
}

/** Creates the session (shared by cases with the same model and options) and the input tensors of one case. */
export interface LoadRequest {
  readonly kind: 'load'
  readonly caseIndex: number
  /** Absolute path of the model, without symbolic links. */
  readonly modelFile: string
  /** The same model as the repository names it, for messages. */
  readonly modelPath: string
  readonly session: SessionSpec
  readonly inputs: InputSpec
  /** The files of `inputs.recorded`, in the same order; the paths there are not opened. */
  readonly recorded?: readonly RecordedSource[]
  readonly batchSize: number
  /** What the case's requests are. */
  readonly scenario: ScenarioSpec
  /** Folder of the engine; see `importEngine`. The same for all cases of a process. */
  readonly engineDirectory: string | null
  /** Only `tailgate calibrate --inject` asks for one. */
  readonly injectedDelay?: InjectedDelay | null
}

/** The first inference of a case, and those of its other samples: the ones that may be refused with a reason. */
export interface TryRequest {
  readonly kind: 'try'
  readonly caseIndex: number
}

/** `requests` requests of the scenario back to back, each timed: inferences, queries or whole texts. */
export interface BlockRequest {
  readonly kind: 'run'
  readonly caseIndex: number
  readonly requests: number
}

/** The answers to one sample of a loaded case; of `generate`, the tokens that it writes. */
export interface OutputsRequest {
  readonly kind: 'outputs'
  readonly caseIndex: number
  readonly sampleIndex: number
}

/** What a model file says about its graph. */
export interface GraphRequest {
  readonly kind: 'graph'
  /** Absolute path, without symbolic links. */
  readonly modelFile: string
}

/** Some requests of a loaded case in a session of their own that profiles itself. */
export interface ProfileRequest {
  readonly kind: 'profile'
  readonly caseIndex: number
  /** See `profiledRequests`. */
  readonly requests: number
  readonly timeMs: number
}

export type SideRequest =
  | LoadRequest
  | TryRequest
  | BlockRequest
  | SegmentRequest
  | OutputsRequest
  | GraphRequest
  | ProfileRequest

const LatencyNs = z.int().positive()

/** What is fed to one model input. */
export const FedInput = z.strictObject({
  name: z.string().max(500),
  type: z.string().max(50),
  shape: z.array(z.int().nonnegative()).max(32)
})
export type FedInput = z.infer<typeof FedInput>

/** A size, or the name (which may be empty) of a dynamic dimension. */
const ModelDimension = z.union([z.int().nonnegative(), z.string().max(500)])

/** One model output as ONNX Runtime describes it. */
export const ModelOutput = z.strictObject({
  name: z.string().max(500),
  /** Null: not a tensor. */
  type: z.string().max(50).nullable(),
  shape: z.array(ModelDimension).max(32)
})
export type ModelOutput = z.infer<typeof ModelOutput>

/** The samples that a case is fed, as both sides should have them alike. */
export const SampleFacts = z.strictObject({
  /** Requests take them in turns. */
  samples: z.int().min(1),
  /** How many different sets of input shapes they have. */
  shapes: z.int().min(1),
  /** After so many requests every shape has been fed; a warm-up should not be shorter. */
  coveringRequests: z.int().min(1)
})
export type SampleFacts = z.infer<typeof SampleFacts>

/** Every reply but that to a block, which frames.ts checks. */
export const SideReply = z.discriminatedUnion('kind', [
  /** Sent once, unasked, when the process can take requests. */
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({
    kind: z.literal('loaded'),
    /** Of the first sample. */
    inputs: z.array(FedInput).max(2000),
    outputs: z.array(ModelOutput).max(2000).optional(),
    sampleFacts: SampleFacts.optional()
  }),
  z.strictObject({ kind: z.literal('tried'), latencyNs: LatencyNs }),
  /** Answer to `outputs` where they are more than a frame carries, or no tensors. */
  z.strictObject({ kind: z.literal('outputs_refused'), message: z.string().max(4000) }),
  z.strictObject({ kind: z.literal('graph'), reading: GraphReading }),
  z.strictObject({ kind: z.literal('profiled'), reading: ProfileReading }),
  /** Answer to any of the requests of a case but a block; the process goes on and takes other cases. */
  z.strictObject({
    kind: z.literal('failed'),
    code: z.enum([
      'model_unreadable',
      'input_unsupported',
      'inference_failed',
      'provider_unavailable',
      'session_unsupported',
      'out_of_memory'
    ]),
    message: z.string().max(4000),
    hint: z.string().max(2000)
  })
])
export type SideReply = z.infer<typeof SideReply>
export type SideFailure = Extract<SideReply, { kind: 'failed' }>

/** A reply that is not JSON: a type of frame, and its body. */
export interface BinaryReply {
  readonly kind: 'binary'
  readonly frameType: number
  readonly body: Uint8Array
}

/** Answer to `run`. */
export interface BlockReply {
  readonly kind: 'ran'
  /** One per successful request, in the order they were sent. */
  readonly latenciesNs: number[]
  readonly errors: number
}
