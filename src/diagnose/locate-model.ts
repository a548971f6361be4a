import type { DiagnosisEvidence, Finding } from './diagnosis.ts'

/** What differs between the sides before anything runs. */
export function locateModel({ model, settings, graph }: DiagnosisEvidence): Finding[] {
  if (model === 'identical' && settings.length === 0) return [{ kind: 'nothing_differs' }]
  const changed: Finding[] = settings.length === 0 ? [] : [{ kind: 'settings_changed', settings }]
  if (model === 'unknown') return changed
  if (model === 'identical') return [{ kind: 'model_identical' }, ...changed]
  if (graph === null) return [{ kind: 'graph_unknown' }, ...changed]
  if (graph.sameNodes && graph.changes.length === 0) return [{ kind: 'only_weights_differ' }, ...changed]
  return [{ kind: 'graph_changed', diff: graph }, ...changed]
}
