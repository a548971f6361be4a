import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { CheckConclusion } from '#src/report/outcome.ts'

/** What the demo's repository holds and which pull requests are opened on it. Real models, real commits. */

type Files = Readonly<Record<string, string | Buffer>>

export interface DemoPullRequest {
  readonly branch: string
  readonly title: string
  readonly files: Files
  readonly expected: { readonly conclusion: CheckConclusion; readonly titleStart: string }
}

const CONFIG = `version: 1
models:
  vad:
    path: models/vad.onnx
    session: fast
    inputs: { shapes: { input: [1, 512] }, values: { sr: 16000 } }
  wake:
    path: models/wake.onnx
    inputs: { shapes: { input: [1, 512] }, values: { sr: 16000 } }
sessions:
  fast: { graph_optimization_level: all }
# Short rounds, so that the demo ends within minutes. The defaults measure longer.
measuring: { round_seconds: 1, warm_up_seconds: 0.3 }
`

const README = '# Voice\n\nDetects speech and a wake word on the CPU.\n'

function readModel(version: 'legacy' | 'v5' | 'v6'): Buffer {
  const entry = createRequire(import.meta.url).resolve('@ricky0123/vad-web')
  return readFileSync(join(dirname(entry), `silero_vad_${version}.onnx`))
}

/** The base branch: two speech models and their configuration. */
export function baseFiles(): Files {
  return {
    'README.md': README,
    '.github/tailgate.yml': CONFIG,
    'models/vad.onnx': readModel('v5'),
    'models/wake.onnx': readModel('legacy')
  }
}

export function demoPullRequests(): readonly DemoPullRequest[] {
  return [
    {
      branch: 'docs',
      title: 'Explain the sample rate',
      files: { 'README.md': `${README}\nInput is 16 kHz mono.\n` },
      expected: { conclusion: 'success', titleStart: 'Nothing that Tailgate measures was changed' }
    },
    {
      branch: 'no-optimisation',
      title: 'Switch graph optimisation off while debugging',
      files: {
        '.github/tailgate.yml': CONFIG.replace('graph_optimization_level: all', 'graph_optimization_level: disabled')
      },
      expected: { conclusion: 'failure', titleStart: 'Regression' }
    },
    {
      branch: 'silero-v6',
      title: 'Update the voice activity model from v5 to v6',
      files: { 'models/vad.onnx': readModel('v6') },
      expected: { conclusion: 'success', titleStart: 'Unchanged' }
    },
    {
      branch: 'wake-v5',
      title: 'Replace the legacy wake model by v5',
      files: { 'models/wake.onnx': readModel('v5') },
      expected: { conclusion: 'success', titleStart: 'Improvement' }
    }
  ]
}
