import type { InitializerTotal, ValueSignature } from '#contracts/graph.ts'
import type { PerSide } from '#stats/paired-sample.ts'

export interface OperatorName {
  readonly domain: string
  readonly type: string
}

/** One way in which two graphs differ. All names come from model files. */
export type GraphChange =
  /** Nodes that are there on both sides, with another operator. */
  | { readonly kind: 'nodes_retyped'; readonly from: OperatorName; readonly to: OperatorName; readonly nodes: number }
  | { readonly kind: 'operator_added'; readonly operator: OperatorName; readonly nodes: PerSide<number> }
  | { readonly kind: 'operator_removed'; readonly operator: OperatorName; readonly nodes: PerSide<number> }
  | { readonly kind: 'operator_count'; readonly operator: OperatorName; readonly nodes: PerSide<number> }
  /** Nodes that work on rounded numbers or convert to them: more of them, or fewer. */
  | { readonly kind: 'quantisation'; readonly nodes: PerSide<number> }
  /** Null: the side does not use the operator set. */
  | { readonly kind: 'opset'; readonly domain: string; readonly versions: PerSide<number | null> }
  | { readonly kind: 'initializers'; readonly elementType: string; readonly totals: PerSide<Total> }
  /** Of all initialisers together. */
  | { readonly kind: 'initializer_bytes'; readonly bytes: PerSide<number> }
  | { readonly kind: 'external_bytes'; readonly bytes: PerSide<number> }
  | {
      readonly kind: 'signature'
      readonly which: 'input' | 'output'
      readonly name: string
      readonly values: PerSide<ValueSignature | null>
    }

export type Total = Pick<InitializerTotal, 'count' | 'bytes'>

export interface GraphDiff {
  /** Operators, connections and attributes are the same: what differs are values of weights, and names. */
  readonly sameNodes: boolean
  readonly nodes: PerSide<number>
  /** Gravest first. */
  readonly changes: readonly GraphChange[]
  /** A side has more operators than are listed: some changes may be missing. */
  readonly isPartial: boolean
}
