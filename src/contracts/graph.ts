import { z } from 'zod'

/**
 * What a model file says about its graph, and what ONNX Runtime's profiler says about a run of it. Both come out of the
 * process that loads the model, so they are an attacker's text: every list and every name has a bound, and whoever prints a
 * name escapes it.
 */

/** Longest name that is kept; longer ones are cut. */
export const MAX_NAME_LENGTH = 200
export const MAX_LISTED_OPERATORS = 500
export const MAX_LISTED_NODES = 3000
export const MAX_LISTED_VALUES = 200
export const MAX_TIMED_OPERATORS = 100
export const MAX_TIMED_NODES = 30

const Name = z.string().max(MAX_NAME_LENGTH)
const Count = z.int().nonnegative()
const Bytes = z.number().nonnegative()
const Ns = z.number().nonnegative()

/** An operator of a set: `MatMulNBits` of `com.microsoft`. ONNX's own domain is the empty text. */
export const OperatorCount = z.strictObject({ domain: Name, type: Name, count: z.int().positive() })
export type OperatorCount = z.infer<typeof OperatorCount>

/** A model input or output as the file declares it. */
export const ValueSignature = z.strictObject({
  name: Name,
  /** `float32`; `unknown (99)` for a number that ONNX does not have, `other` for what is no tensor. */
  elementType: z.string().max(50),
  /** Null where the file gives none. A size, the name of a dynamic dimension, or null for one without a name. */
  shape: z
    .array(z.union([z.number(), Name, z.null()]))
    .max(32)
    .nullable()
})
export type ValueSignature = z.infer<typeof ValueSignature>

/** Initialisers of one element type. Values of `Constant` nodes count too: ONNX Runtime makes initialisers of them. */
export const InitializerTotal = z.strictObject({ elementType: z.string().max(50), count: Count, bytes: Bytes })
export type InitializerTotal = z.infer<typeof InitializerTotal>

export const GraphFacts = z.strictObject({
  irVersion: Count.nullable(),
  producer: z.strictObject({ name: Name, version: Name }),
  opsets: z.array(z.strictObject({ domain: Name, version: z.int() })).max(50),
  /** All nodes: those of loop bodies, branches and the model's own functions too. */
  nodes: Count,
  /** Most used first. */
  operators: z.array(OperatorCount).max(MAX_LISTED_OPERATORS),
  /** Nodes of operators that the list has no room for. */
  unlistedNodes: Count,
  /**
   * One entry per node: start of the SHA-256 of its first output's name, and its operator's place in `operators`. It tells
   * which node became which. Null where there are too many nodes.
   */
  identities: z
    .array(z.tuple([z.string().regex(/^[0-9a-f]{8}$/), Count]))
    .max(MAX_LISTED_NODES)
    .nullable(),
  /** Of operators, connections and attributes, in order; names of nodes and values of tensors left out. */
  nodesSha256: z.string().regex(/^[0-9a-f]{64}$/),
  initializers: z.array(InitializerTotal).max(50),
  /** The part of the initialisers that stands in other files. */
  external: z.strictObject({ tensors: Count, bytes: Bytes, files: Count }),
  inputs: z.array(ValueSignature).max(MAX_LISTED_VALUES),
  outputs: z.array(ValueSignature).max(MAX_LISTED_VALUES)
})
export type GraphFacts = z.infer<typeof GraphFacts>

/** `problem` is one sentence. */
export const GraphReading = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('read'), facts: GraphFacts }),
  z.strictObject({ kind: z.literal('unreadable'), problem: z.string().max(500) })
])
export type GraphReading = z.infer<typeof GraphReading>

/**
 * All nodes of one type on one execution provider, in the graph as ONNX Runtime runs it: fused, and with its own additions.
 * So this tells the placement too.
 */
export const OperatorTime = z.strictObject({
  type: Name,
  /** `CPUExecutionProvider`. */
  provider: Name,
  /** Distinct ones that ran. */
  nodes: z.int().positive(),
  callsPerRequest: z.number().positive(),
  /** Per request; without the nodes inside it, for a loop or a branch. */
  timeNs: Ns
})
export type OperatorTime = z.infer<typeof OperatorTime>

export const NodeTime = z.strictObject({ node: Name, type: Name, provider: Name, timeNs: Ns })
export type NodeTime = z.infer<typeof NodeTime>

export const OperatorTimes = z.strictObject({
  /** Longest first. */
  listed: z.array(OperatorTime).max(MAX_TIMED_OPERATORS),
  /** What the list has no room for. */
  unlisted: z.strictObject({ nodes: Count, timeNs: Ns }),
  /** The nodes that took longest. */
  slowest: z.array(NodeTime).max(MAX_TIMED_NODES)
})
export type OperatorTimes = z.infer<typeof OperatorTimes>

/** One profile: some requests in one fresh session. Times are midmeans over its requests. */
export const Profile = z.strictObject({
  /** Requests that count; the first ones, which allocate, are left out. */
  requests: z.int().positive(),
  /** Whole call, by the clock around it; null where nobody timed it. */
  wallNs: Ns.nullable(),
  /** The part of it that ONNX Runtime's `model_run` covers. */
  modelRunNs: Ns,
  operators: OperatorTimes,
  /** Null where the profile has no such event. */
  load: z.strictObject({ modelLoadingNs: Ns.nullable(), sessionInitializationNs: Ns.nullable() }),
  /** Events that could not be read. */
  damagedEvents: Count
})
export type Profile = z.infer<typeof Profile>

export const ProfileReading = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('read'), profile: Profile }),
  z.strictObject({ kind: z.literal('unreadable'), problem: z.string().max(500) })
])
export type ProfileReading = z.infer<typeof ProfileReading>

/** Profiles of one side. More say little more. */
const MAX_PROFILES = 10

/** What is known of one side of a case beyond its latencies. */
export const SideInspection = z.strictObject({
  /** Null: not looked at. */
  graph: GraphReading.nullable(),
  profiles: z.array(ProfileReading).max(MAX_PROFILES)
})
export type SideInspection = z.infer<typeof SideInspection>

export const CaseInspection = z.strictObject({ baseline: SideInspection, candidate: SideInspection })
export type CaseInspection = z.infer<typeof CaseInspection>
