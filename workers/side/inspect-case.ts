import { type ProfiledSession, profileSession } from '#workers/onnx/profile-session.ts'
import { encodeAnswers } from '#workers/outputs/encode-answers.ts'
import type { Instance } from './create-instance.ts'
import { OUTPUTS_REPLY_FRAME } from './frames.ts'
import type { CachedDecoder } from './generate-cache.ts'
import type { Engine } from './import-engine.ts'
import type { BinaryReply, LoadRequest, ProfileRequest, SideReply } from './protocol.ts'
import { sessionOptions } from './session-options.ts'

/** What is asked of a case besides its measuring. Loaded only then, so that a side starts fast. */

/** A folder of the sandbox that vanishes with it. */
const TEMPORARY_FOLDER = '/tmp'

type Reply = SideReply | BinaryReply

/** The outputs of one sample. */
export async function answerSample(instance: Instance, sampleIndex: number): Promise<Reply> {
  try {
    return asReply(await instance.session.run(instance.feedsOfSample(sampleIndex)), null)
  } catch (error) {
    return instance.describeFailure(error, sampleIndex)
  }
}

/** The tokens that a decoder writes for one prompt. Rejects when it fails. */
export async function answerPrompt(decoder: CachedDecoder, promptIndex: number, newTokens: number): Promise<Reply> {
  await decoder.prefill(promptIndex)
  for (let token = 1; token < newTokens; token += 1) await decoder.decode()
  return asReply({}, [...decoder.tokens()])
}

function asReply(answers: Readonly<Record<string, unknown>>, tokens: readonly number[] | null): Reply {
  const encoded = encodeAnswers(answers, tokens)
  if (!encoded.ok) return { kind: 'outputs_refused', message: encoded.message.slice(0, 4000) }
  return { kind: 'binary', frameType: OUTPUTS_REPLY_FRAME, body: Buffer.concat(encoded.pieces, encoded.bodyBytes) }
}

/** One profile of the case's model, in a session of its own. */
export async function profileCase(
  engine: Engine,
  load: LoadRequest,
  instance: Instance,
  { requests, timeMs }: Pick<ProfileRequest, 'requests' | 'timeMs'>
): Promise<Reply> {
  try {
    const reading = await profileSession({
      createSession: async (profiling): Promise<ProfiledSession> =>
        engine.InferenceSession.create(load.modelFile, { ...sessionOptions(load.session), ...profiling }),
      feedsOf: (request) => instance.feedsOfSample(instance.sampleOf(request)),
      requests,
      timeMs,
      temporaryFolder: TEMPORARY_FOLDER
    })
    return { kind: 'profiled', reading }
  } catch (error) {
    return instance.describeFailure(error, 0)
  }
}
