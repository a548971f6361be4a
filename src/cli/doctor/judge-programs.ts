import type { RuntimeProbe } from '#workers/device/probe-runtime.ts'
import type { BubblewrapProbe } from '#workers/sandbox/find-bubblewrap.ts'
import { broken, type Finding, fine, warning } from './finding.ts'

/** What Tailgate is tested with: .node-version, and the `node` package that `npm ci` installs. */
const NODE_MAJOR = 24
/** `fetch-commit.ts` relies on settings that older ones do not know. */
const GIT_MINIMUM = { major: 2, minor: 32 } as const

/** @param version as `process.version` gives it: `v24.21.0` */
export function judgeNode(version: string): Finding {
  const major = Number(/^v(\d+)\./.exec(version)?.[1])
  if (major === NODE_MAJOR) return fine('Node.js', version)
  const advice = `Start Tailgate through npm (\`npm start\`, \`npm run worker\`), which uses the version that npm installed.`
  return warning('Node.js', `${version}; Tailgate is tested with ${NODE_MAJOR}`, advice)
}

/** @param version of onnxruntime-node, as the fingerprint gives it */
export function judgeRuntime(probe: RuntimeProbe, version: string): Finding {
  switch (probe.kind) {
    case 'works':
      return fine('ONNX Runtime', `${version} ran a small model in a process of its own`)
    case 'not_installed':
      return warning(
        'ONNX Runtime',
        'onnxruntime-node is not installed, so nothing can be measured here',
        'Fine where only the bot runs. To measure: npm ci, without --omit=optional.'
      )
    case 'fails':
      return broken(
        'ONNX Runtime',
        `${version} could not run a small model: ${probe.reason}`,
        'Install it afresh (npm ci). Its Linux builds need glibc, and a processor with AVX.'
      )
    default:
      return probe satisfies never
  }
}

/** @param output of `git --version`; null when there is no such program */
export function judgeGit(output: string | null): Finding {
  const advice = `Install git ${GIT_MINIMUM.major}.${GIT_MINIMUM.minor} or newer.`
  if (output === null) return broken('git', 'is not installed, so no commit can be fetched', advice)
  const [, version = '', major, minor] = /((\d+)\.(\d+)[\w.]*)/.exec(output) ?? []
  if (version === '') return warning('git', 'does not tell its version', advice)
  const tooOld =
    Number(major) < GIT_MINIMUM.major || (Number(major) === GIT_MINIMUM.major && Number(minor) < GIT_MINIMUM.minor)
  return tooOld ? broken('git', `${version} is too old to fetch commits safely`, advice) : fine('git', version)
}

/** @param output of `git lfs version`; null when missing */
export function judgeGitLfs(output: string | null): Finding {
  const version = /git-lfs\/(\S+)/.exec(output ?? '')?.[1]
  if (version !== undefined) return fine('git-lfs', version)
  return warning('git-lfs', 'is not installed, so no model in Git LFS can be measured', 'Install git-lfs.')
}

/** @param output of `npm --version`; null when missing */
export function judgeNpm(output: string | null): Finding {
  const version = output?.trim() ?? ''
  if (version !== '') return fine('npm', version)
  const what = 'is not installed, so no other version of onnxruntime-node can be measured'
  return warning('npm', what, 'Install npm, which comes with Node.js.')
}

export function judgeSandbox(probe: BubblewrapProbe): Finding {
  switch (probe.kind) {
    case 'usable':
      return fine('sandbox', `${probe.path} works`)
    case 'unusable':
      return warning(
        'sandbox',
        `models run without one. ${probe.reason}`,
        'Until then let this machine measure only repositories whose contributors you trust.'
      )
    default:
      return probe satisfies never
  }
}

/** @param found whether the program is there, and what system this is (`process.platform`) */
export function judgeTaskset(found: { readonly present: boolean; readonly platform: string }): Finding {
  if (found.present) return fine('taskset', 'both sides of a round run on the same cores')
  const cost = 'identical models can then differ by more than 20 % in a round'
  return found.platform === 'linux'
    ? warning('taskset', `is not installed; ${cost}`, 'Install the package util-linux.')
    : warning('taskset', `needs Linux; ${cost}`, 'Measure on Linux when verdicts matter.')
}
