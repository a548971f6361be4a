import { describe, expect, test } from 'vitest'
import { parseConfig } from '#src/config/parse-config.ts'

const ROOT_KEYS =
  'version, models, sessions, scenarios, variants, thresholds, budgets, equivalence, accuracy, cost, gate, on_inconclusive, runner, measuring, paths'
const MODEL = 'version: 1\nmodels: { vad: { path: m.onnx } }\n'
const SHORTEST = 'version: 1\nmodels:\n  vad:\n'

function problemsOf(text: string): readonly string[] {
  const parsed = parseConfig(text, { file: 'tailgate.yml' })
  if (parsed.ok) throw new Error('the configuration is valid')
  return parsed.problems.map(({ line, key, message }) => `${line}: ${key}: ${message}`)
}

describe('files that cannot be read', () => {
  test.each([
    ['an empty file', '', 1, 'the file is empty'],
    ['only a comment', '# later\n', 1, 'the file is empty'],
    ['a tab as indentation', 'version: 1\nmodels:\n\tvad: 3\n', 3, 'a tab is used for indentation'],
    ['bytes that are not UTF-8', 'version: 1\n# caf\uFFFD\n', 2, 'the file is not valid UTF-8 here'],
    ['a lone surrogate', 'version: 1\n# \uD800\n', 2, 'the file is not valid UTF-8 here'],
    ['a control character', 'version: 1\na: \u0000\n', 2, 'the file has the control character U+0000 here'],
    ['two documents', 'version: 1\n---\nversion: 1\n', 2, 'the file holds several YAML documents'],
    ['a bracket left open', 'version: 1\nmodels: [\n', 3, 'not valid YAML: '],
    ['more than 64 kB', `# ${'x'.repeat(65_536)}`, 1, 'the file has 65538 bytes; at most 65536 are read'],
    ['an alias', 'a: &x 1\nb: *x\n', 1, 'anchors (&name) and aliases (*name) are not supported'],
    ['an alias to nothing', 'version: 1\nb: *x\n', 2, 'anchors (&name) and aliases (*name) are not supported'],
    ['a tag', 'version: !!str 1\n', 1, 'tags (!name) are not supported'],
    ['an unknown tag', 'version: !secret 1\n', 1, 'tags (!name) are not supported'],
    ['a prototype key', 'version: 1\n__proto__: { gate: advisory }\n', 2, 'the key "__proto__" is not allowed'],
    ['a constructor key', 'version: 1\nmodels:\n  constructor: {}\n', 3, 'the key "constructor" is not allowed'],
    ['a key that is a list', 'version: 1\n? [a]\n: 1\n', 2, 'keys must be plain text'],
    ['a key twice', 'version: 1\nmodels: {}\nversion: 1\n', 3, 'this key is already given on line 1'],
    ['deep nesting', `a: ${'['.repeat(30)}${']'.repeat(30)}`, 1, 'values are nested more than 20 levels deep'],
    ['nesting beyond any stack', '['.repeat(60_000), 1, 'values are nested more than 20 levels deep']
  ])('%s', (_name, text, line, message) => {
    const parsed = parseConfig(text, { file: 'tailgate.yml' })
    const problems = parsed.ok ? [] : parsed.problems
    expect(problems[0]).toMatchObject({ file: 'tailgate.yml', line })
    expect(problems.some((problem) => problem.message.startsWith(message))).toBe(true)
  })

  test('a billion laughs are refused without being told', () => {
    const laughs = ['a0: &a0 [ha, ha]']
    for (let level = 1; level < 30; level += 1) {
      laughs.push(`a${level}: &a${level} [*a${level - 1}, *a${level - 1}, *a${level - 1}]`)
    }
    expect(problemsOf(laughs.join('\n'))[0]).toMatch(/^1: a0: anchors/)
  })
})

describe('files with mistakes', () => {
  test.each([
    [
      'a list instead of a mapping',
      '- version: 1\n',
      [`1: : expected a mapping with the keys ${ROOT_KEYS}, found a list of 1 item`]
    ],
    ['no models', 'version: 1\n', ['1: models: required key is missing; expected a mapping with 1 to 100 keys']],
    ['an empty list of models', 'version: 1\nmodels: {}\n', ['2: models: no model is listed; add at least one']],
    [
      'another version, in quotes',
      'version: "1"\nmodels: { vad: { path: m.onnx } }\n',
      ['1: version: expected 1, found the text "1"; remove the quotes']
    ],
    [
      'a misspelt section',
      `${MODEL}treshold: { p50: 2% }\n`,
      [`3: treshold: unknown key; did you mean "thresholds"? possible here: ${ROOT_KEYS}`]
    ],
    [
      'a misspelt key deep inside',
      `${SHORTEST}    path: m.onnx\n    inputs:\n      dim: { batch: 1 }\n`,
      [
        '6: models.vad.inputs.dim: unknown key; did you mean "dims"? possible here: dims, values, random, shapes, samples, recorded, seed'
      ]
    ],
    [
      'an option that the scenario does not have',
      `${MODEL}scenarios:\n  single_stream: { qps: 3 }\n`,
      ['4: scenarios.single_stream.qps: unknown key; possible here: models']
    ],
    [
      'a model without a path',
      `${SHORTEST}    session: default\n`,
      [
        '3: models.vad.path: required key is missing; expected a relative path inside the repository, such as models/detector.onnx'
      ]
    ],
    [
      'a model without anything',
      SHORTEST,
      [
        '3: models.vad: expected a mapping with the keys path, session, inputs, found nothing; write {} to take the defaults'
      ]
    ],
    ...['/etc/passwd', '../other/m.onnx', 'models/../../m.onnx'].map((path): [string, string, string[]] => [
      `the path ${path}`,
      `${SHORTEST}    path: ${path}\n`,
      [
        `4: models.vad.path: expected a relative path inside the repository, such as models/detector.onnx, found the text "${path}"`
      ]
    ]),
    [
      'a folder as a path',
      `${SHORTEST}    path: models//vad/\n`,
      ['4: models.vad.path: "models//vad/" is not a file\'s path; remove the extra "/"']
    ],
    [
      'an id with capitals',
      'version: 1\nmodels:\n  VAD: { path: m.onnx }\n',
      [
        '3: models.VAD: this name is not possible here; expected an id (lower-case letters, digits, "_" and "-", at most 63 characters)'
      ]
    ],
    [
      'a session that does not exist',
      `${SHORTEST}    path: m.onnx\n    session: [default, fsat]\nsessions: { fast: {} }\n`,
      ['5: models.vad.session.1: there is no session "fsat"; did you mean "fast"? defined: "default" or "fast"']
    ],
    [
      'text for a number',
      `${MODEL}sessions:\n  default:\n    intra_op_num_threads: four\n`,
      ['5: sessions.default.intra_op_num_threads: expected a whole number from 1 to 256, found the text "four"']
    ],
    [
      'a number out of range',
      `${MODEL}measuring:\n  round_seconds: 0.1\n  max_rounds: 201\n`,
      [
        '4: measuring.round_seconds: expected a number from 0.2 to 600, found 0.1',
        '5: measuring.max_rounds: expected a whole number from 6 to 200, found 201'
      ]
    ],
    [
      'infinity',
      `${MODEL}measuring: { round_seconds: .inf }\n`,
      ['3: measuring.round_seconds: expected a number from 0.2 to 600, found Infinity']
    ],
    [
      'a fraction for a whole number',
      `${MODEL}runner: { timeout_minutes: 1.5 }\n`,
      ['3: runner.timeout_minutes: expected a whole number from 1 to 240, found 1.5']
    ],
    [
      'a misspelt choice',
      `${MODEL}gate: requird\n`,
      ['3: gate: expected required or advisory, found the text "requird"; did you mean "required"?']
    ],
    [
      'yes for true',
      `${MODEL}sessions: { default: { enable_mem_pattern: yes } }\n`,
      ['3: sessions.default.enable_mem_pattern: expected true or false, found the text "yes"']
    ],
    [
      'thresholds that are no percentages',
      `${MODEL}thresholds:\n  p50: 0.02\n  p95: 5\n  p99:\n`,
      [
        '4: thresholds.p50: expected a percentage such as 2%, found 0.02; write 2%',
        '5: thresholds.p95: expected a percentage such as 2%, found 5; write 5%',
        '6: thresholds.p99: expected a percentage such as 2%, found nothing'
      ]
    ],
    [
      'thresholds out of range',
      `${MODEL}thresholds: { p50: 0%, slow_share: 101% }\n`,
      [
        '3: thresholds.p50: must be more than 0% and at most 1000%',
        '3: thresholds.slow_share: must be more than 0% and at most 100%'
      ]
    ],
    [
      'thresholds of scenarios out of range',
      `${MODEL}thresholds: { goodput: 101%, latency_drift: 101%, ready: 1001%, memory_growth: 0B, memory: 0% }\n`,
      [
        '3: thresholds.ready: must be more than 0% and at most 1000%',
        '3: thresholds.goodput: must be more than 0% and at most 100%',
        '3: thresholds.memory_growth: must be more than 0B and at most 900GiB',
        '3: thresholds.latency_drift: must be more than 0% and at most 100%',
        '3: thresholds.memory: must be more than 0% and at most 1000%'
      ]
    ],
    [
      'an amount of memory without a unit, and one with another',
      `${MODEL}thresholds: { memory_growth: 65536, models: { vad: { memory_growth: 64kB } } }\n`,
      [
        '3: thresholds.memory_growth: expected an amount of memory such as 64KiB (B, KiB, MiB or GiB), found 65536',
        '3: thresholds.models.vad.memory_growth: expected an amount of memory such as 64KiB (B, KiB, MiB or GiB), found the text "64kB"'
      ]
    ],
    [
      'shares above one',
      `${MODEL}scenarios: { single_stream: {}, generate: { prompt_tokens: 6, goodput: { ttft_ms: 1, itl_ms: 2 } } }\nbudgets:\n  vad:\n    single_stream: { error_rate: 101% }\n    generate: { goodput_min: 101% }\n`,
      [
        '6: budgets.vad.single_stream.error_rate: must be at most 100%',
        '7: budgets.vad.generate.goodput_min: must be at most 100%'
      ]
    ],
    [
      'a limit longer than an hour',
      `${MODEL}budgets: { vad: { single_stream: { p50_ms: 3600001 } } }\n`,
      ['3: budgets.vad.single_stream.p50_ms: expected a number of milliseconds above 0, at most 3600000, found 3600001']
    ],
    [
      'a limit on good requests where nothing says which are good',
      `${MODEL}scenarios: { generate: { prompt_tokens: 6 } }\nbudgets: { vad: { generate: { goodput_min: 95% } } }\n`,
      [
        '4: budgets.vad.generate.goodput_min: nothing says which requests are good; set scenarios.generate.goodput, or remove this'
      ]
    ],
    [
      'thresholds of a model that is not listed',
      `${MODEL}thresholds:\n  models:\n    vda: { p50: 3% }\n`,
      ['5: thresholds.models.vda: there is no model "vda"; did you mean "vad"? listed under models: "vad"']
    ],
    [
      'an empty section',
      `${MODEL}runner:\n`,
      ['3: runner: expected a mapping with the keys timeout_minutes, found nothing; write {} to take the defaults']
    ],
    [
      'sizes that cannot all be drawn',
      `${SHORTEST}    path: m.onnx\n    inputs:\n      dims: { width: { choices: [1, 2] } }\n`,
      ['6: models.vad.inputs.dims.width: 2 sizes cannot all occur in 1 sample; set "samples" to 16, say']
    ],
    [
      'other weights than choices',
      `${SHORTEST}    path: m.onnx\n    inputs:\n      samples: 4\n      dims: { width: { choices: [1, 2], weights: [1] } }\n`,
      ['7: models.vad.inputs.dims.width.weights: there are 1 weights for 2 choices; give one for each, or none']
    ],
    [
      'a size that is text',
      `${SHORTEST}    path: m.onnx\n    inputs: { dims: { width: wide } }\n`,
      [
        '5: models.vad.inputs.dims.width: expected a whole number from 1 to 1000000, or { choices: [480, 640], weights: [3, 1] } (weights may be left out), found the text "wide"'
      ]
    ],
    [
      'a range upside down',
      `${SHORTEST}    path: m.onnx\n    inputs: { random: { x: { kind: uniform, low: 2, high: 1 } } }\n`,
      ['5: models.vad.inputs.random.x: "low" (2) is more than "high" (1); swap them']
    ],
    [
      'an input with a number and a distribution',
      `${SHORTEST}    path: m.onnx\n    inputs: { values: { x: 1 }, random: { x: { kind: zeros } } }\n`,
      ['5: models.vad.inputs.random.x: this input also has a fixed number under "values"; keep one of them']
    ],
    [
      'a scenario for a model that is not listed',
      `${MODEL}scenarios:\n  server: { rate: 10, models: [vat] }\n`,
      ['4: scenarios.server.models.0: there is no model "vat"; did you mean "vad"? listed under models: "vad"']
    ],
    [
      'a ramp that falls',
      `${MODEL}scenarios:\n  ramp: { from: 100, to: 50, slo: { latency_ms: 10 } }\n`,
      ['4: scenarios.ramp.to: must be more than "from", which is 100']
    ],
    [
      'a ramp without an objective',
      `${MODEL}scenarios:\n  ramp: { from: 1, to: 50 }\n`,
      ['4: scenarios.ramp.slo: required key is missing; expected a mapping with the keys percentile, latency_ms']
    ],
    [
      'a variant of itself',
      `${MODEL}variants: { vad: vad }\n`,
      ['3: variants.vad: a model cannot be compared with itself; name another one']
    ],
    [
      'a limit on what is not measured',
      `${MODEL}budgets:\n  vad: { generate: { ttft_ms: 5 } }\n`,
      [
        '4: budgets.vad.generate: the model "vad" is not measured in the scenario "generate"; add it under scenarios, or remove this'
      ]
    ],
    [
      'a configuration entry that is not known',
      `${MODEL}sessions: { default: { config_entries: { session.intra_op.allow_spining: "0" } } }\n`,
      [
        expect.stringMatching(
          /^3: sessions\.default\.config_entries\.session\.intra_op\.allow_spining: unknown key; did you mean "session\.intra_op\.allow_spinning"\?/
        )
      ]
    ],
    [
      'no scenarios',
      `${MODEL}scenarios: {}\n`,
      [
        '3: scenarios: no scenario is listed; add "single_stream: {}", say, or remove the key to measure single_stream and offline'
      ]
    ],
    [
      'an input that no machine holds',
      `${SHORTEST}    path: m.onnx\n    inputs:\n      shapes:\n        x: [1000000, 1000000]\n`,
      ['7: models.vad.inputs.shapes.x: this shape has 1000000000000 elements; at most 100000000 are possible']
    ],
    [
      'a glob with alternatives',
      `${MODEL}paths:\n  - weights/**\n  - "*.{py,txt}"\n`,
      [
        '5: paths.1: expected a glob such as src/**/*.py (made of "**", "*" and "?", relative to the repository, no "!" or "/" in front), found the text "*.{py,txt}"'
      ]
    ]
  ])('%s', (_name, text, expected) => {
    expect(problemsOf(text)).toEqual(expected)
  })

  test('mistakes in values and across keys are reported together, in the order of their lines', () => {
    const text = `version: 1
models:
  vad: { path: m.onnx, session: fast }
  detector: { path: 7 }
sessions:
  quick: { intra_op_num_threads: 0 }
thresholds:
  models: { detector: { p50: 3% } }
gate: maybe
`
    expect(problemsOf(text)).toEqual([
      '3: models.vad.session: there is no session "fast"; defined: "default" or "quick"',
      '4: models.detector.path: expected a relative path inside the repository, such as models/detector.onnx, found 7',
      '6: sessions.quick.intra_op_num_threads: expected a whole number from 1 to 256, found 0',
      '9: gate: expected required or advisory, found the text "maybe"'
    ])
  })

  test('more than 100 models are refused', () => {
    const models = Array.from({ length: 101 }, (_, index) => `  m${index}: { path: m.onnx }\n`).join('')
    expect(problemsOf(`version: 1\nmodels:\n${models}`)).toEqual([
      '2: models: 101 models are listed; at most 100 are possible. List fewer'
    ])
  })

  test('a hundred models with every option fit', () => {
    const inputs =
      'dims: { height: 480, width: 640 }, values: { rate: 16000 }, shapes: { mask: [1, 480, 640] }, seed: 7'
    const models = Array.from({ length: 100 }, (_, index) => {
      return `  detector-number-${index}:\n    path: models/detectors/number-${index}.onnx\n    session: default\n    inputs: { ${inputs} }\n`
    })
    const all = '{ p50: 3%, throughput: 3%, p95: 6%, p99: 12%, slow_share: 2% }'
    const thresholds = models.map((_, index) => `    detector-number-${index}: ${all}\n`)
    const text = `version: 1\nmodels:\n${models.join('')}thresholds:\n  models:\n${thresholds.join('')}`
    expect(parseConfig(text, { file: 'tailgate.yml' })).toMatchObject({ ok: true })
  })

  test('more than 300 cases are refused', () => {
    const models = Array.from({ length: 76 }, (_, index) => `  m${index}: { path: m.onnx, session: [a, b] }\n`).join('')
    expect(problemsOf(`version: 1\nmodels:\n${models}sessions: { a: {}, b: {} }\n`)).toEqual([
      '2: models: models, their sessions and scenarios make 304 cases; at most 300 are possible. List fewer'
    ])
  })

  test('at most 100 problems are shown, and the last one says that there are more', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `k${index}: 1\n`).join('')
    const problems = problemsOf(`${MODEL}${keys}`)
    expect(problems).toHaveLength(100)
    expect(problems.at(-1)).toMatch(/: : there are more problems, which are not shown; fix these first$/)
  })

  test('characters that a terminal would obey are shown as their numbers', () => {
    expect(problemsOf(`${MODEL}"\\e[31m\\u202Egate": 1\n`)[0]).toMatch(
      /^3: \\u\{1b\}\[31m\\u\{202e\}gate: unknown key;/
    )
  })

  test('long text is cut', () => {
    expect(problemsOf(`${MODEL}gate: ${'x'.repeat(10_000)}\n`)).toEqual([
      `3: gate: expected required or advisory, found the text "${'x'.repeat(60)}…" (10000 characters)`
    ])
  })
})
