import type { ScenarioOf } from '#contracts/scenario.ts'
import type { InstanceRequest } from './create-instance.ts'
import { describeInferenceFailure, describeLoadFailure, truncate } from './describe-failure.ts'
import { type CachedDecoder, createCachedDecoder } from './generate-cache.ts'
import type { Engine, Session } from './import-engine.ts'
import { describeSignature } from './model-input.ts'
import { planGenerate } from './plan-generate.ts'
import type { SideFailure } from './protocol.ts'
import { readRawValues } from './read-raw-values.ts'
import { sessionOptions } from './session-options.ts'

export type DecoderOutcome =
  | {
      readonly kind: 'created'
      readonly decoder: CachedDecoder
      readonly session: Session
      /** Says why a request failed, with the model's signature. */
      readonly describeFailure: (error: unknown) => SideFailure
    }
  | SideFailure

/**
 * Loads a model for the `generate` scenario. Its prompts take the place of samples: as many as `inputs.samples`, drawn by
 * `inputs.seed`; shapes and values of the configuration are not used.
 */
export async function createDecoder(
  engine: Engine,
  request: InstanceRequest,
  scenario: ScenarioOf<'generate'>
): Promise<DecoderOutcome> {
  let session: Session
  try {
    session = await engine.InferenceSession.create(request.modelFile, sessionOptions(request.session))
  } catch (error) {
    return describeLoadFailure(error, request, readRawValues(engine, request.modelFile))
  }
  const answer = planGenerate(session.inputMetadata, session.outputMetadata, scenario)
  if (!answer.ok) {
    const message = truncate(`\`${request.modelPath}\`: ${answer.message}`, 4000)
    return { kind: 'failed', code: 'input_unsupported', message, hint: truncate(answer.hint, 2000) }
  }
  const signature = describeSignature(session.inputMetadata)
  const describeFailure = (error: unknown) => describeInferenceFailure(error, request, signature, [])
  const { promptTokens, newTokens } = scenario
  const { seed, samples } = request.inputs
  try {
    const options = { promptTokens, newTokens, seed, prompts: samples }
    const decoder = await createCachedDecoder({ session, Tensor: engine.Tensor }, answer.plan, options)
    return { kind: 'created', decoder, session, describeFailure }
  } catch (error) {
    return describeFailure(error)
  }
}
