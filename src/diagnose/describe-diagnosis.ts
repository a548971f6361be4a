import type { Sentence } from '#src/equivalence/sentence.ts'
import { describeGraph } from './describe-graph.ts'
import { describeLoad } from './describe-load.ts'
import { describeOperators } from './describe-operators.ts'
import { describeSettings } from './describe-settings.ts'
import type { Diagnosis, Finding } from './diagnosis.ts'

/**
 * The paragraph "Where it sits". Names from models stand in it as `code` pieces, for the report to make inert. It says what
 * was measured and no more: a cause is never named.
 */
export function describeDiagnosis({ findings }: Diagnosis): Sentence {
  return findings.flatMap((finding, index) => (index === 0 ? describe(finding) : [' ', ...describe(finding)]))
}

function describe(finding: Finding): Sentence {
  switch (finding.kind) {
    case 'nothing_moved':
      return ['Nothing moved, so there is nothing to locate.']
    case 'not_located':
      return ['None of the measurements tell where the change sits.']
    case 'model_identical':
      return ['The model file is the same on both sides, byte for byte.']
    case 'nothing_differs':
      return ['Model file, session settings and inputs are the same on both sides: the change lies outside them.']
    case 'only_weights_differ':
      return ['The model file differs in the values of its weights only; nodes, attributes and sizes are the same.']
    case 'graph_unknown':
      return ['The model file differs; how could not be read.']
    case 'graph_changed':
      return describeGraph(finding.diff)
    case 'settings_changed':
      return describeSettings(finding.settings)
    case 'placement_changed':
    case 'operators_changed':
    case 'operators_alike':
    case 'profile_disagrees':
    case 'binding_changed':
      return describeOperators(finding)
    default:
      return [describeLoad(finding)]
  }
}
