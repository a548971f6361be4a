/** A request's way through a queue, in nanoseconds. */
export interface FifoTimes {
  readonly startNs: Float64Array
  readonly endNs: Float64Array
}

/**
 * What a queue with one line and several servers does, first come, first served, computed and not measured: each request
 * starts when it has arrived and the server that is free first is free. With one server that is Lindley's recursion
 * [Lindley1952], with several that of Kiefer and Wolfowitz [Kiefer1955].
 *
 * @param serviceNs of request i, in the order of arrivals
 */
export function simulateFifo(arrivalsNs: Float64Array, serviceNs: (index: number) => number, servers = 1): FifoTimes {
  const freeNs = new Float64Array(servers)
  const startNs = new Float64Array(arrivalsNs.length)
  const endNs = new Float64Array(arrivalsNs.length)
  for (const [index, arrivalNs] of arrivalsNs.entries()) {
    const server = freeNs.indexOf(Math.min(...freeNs))
    const start = Math.max(arrivalNs, freeNs[server] ?? 0)
    const end = start + serviceNs(index)
    startNs[index] = start
    endNs[index] = end
    freeNs[server] = end
  }
  return { startNs, endNs }
}
