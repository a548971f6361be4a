import { z } from 'zod'
import { AccuracyPolicy } from './accuracy.ts'
import { Budgets } from './budgets.ts'
import { RepositoryPath, Side } from './identifiers.ts'
import { InputSpec } from './inputs.ts'
import { Thresholds } from './measurements.ts'
import { EquivalencePolicy } from './outputs.ts'
import { ScenarioSpec } from './scenario.ts'
import { SessionSpec } from './session.ts'

/** What one side of a case loads. It comes from that side's own commit. */
export const SideSpec = z.strictObject({
  modelPath: RepositoryPath,
  /** The commit that the files are taken from. Null: the side's own; two files of one commit can be compared too. */
  checkout: Side.nullable().default(null),
  session: SessionSpec,
  inputs: InputSpec
})
export type SideSpec = z.infer<typeof SideSpec>

/** One thing to compare: model × session × scenario, with the specification of each side. */
export const CaseSpec = z.strictObject({
  /** `model/session/scenario`, unique within a run. */
  id: z.string().min(1).max(500),
  model: z.string().min(1).max(100),
  session: z.string().min(1).max(100),
  scenario: ScenarioSpec,
  baseline: SideSpec,
  candidate: SideSpec,
  /** From the base branch's configuration; the worker needs them only to know when to stop early. */
  thresholds: Thresholds,
  /** How outputs are compared before anything is measured; without it, they are not. */
  equivalence: EquivalencePolicy.optional(),
  accuracy: AccuracyPolicy.optional(),
  /** Absolute limits of the candidate. */
  budgets: Budgets.optional()
})
export type CaseSpec = z.infer<typeof CaseSpec>
