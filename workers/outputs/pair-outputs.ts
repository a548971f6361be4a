import type { OutputTensor } from './output-tensor.ts'

export interface OutputPair {
  readonly baseline: OutputTensor
  readonly candidate: OutputTensor
}

export interface PairedOutputs {
  /** In the baseline's order. */
  readonly pairs: readonly OutputPair[]
  readonly onlyBaseline: readonly string[]
  readonly onlyCandidate: readonly string[]
}

/** Puts outputs of the same name beside each other. */
export function pairOutputs(baseline: readonly OutputTensor[], candidate: readonly OutputTensor[]): PairedOutputs {
  const candidates = new Map(candidate.map((tensor) => [tensor.name, tensor]))
  const names = new Set(baseline.map(({ name }) => name))
  const pairs = baseline.flatMap((tensor) => {
    const other = candidates.get(tensor.name)
    return other === undefined ? [] : [{ baseline: tensor, candidate: other }]
  })
  return {
    pairs,
    onlyBaseline: baseline.map(({ name }) => name).filter((name) => !candidates.has(name)),
    onlyCandidate: candidate.map(({ name }) => name).filter((name) => !names.has(name))
  }
}

export function haveSameShape(one: OutputTensor, other: OutputTensor): boolean {
  return one.dims.length === other.dims.length && one.dims.every((size, axis) => size === other.dims[axis])
}
