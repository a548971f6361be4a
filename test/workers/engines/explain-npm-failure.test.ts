import { describe, expect, test } from 'vitest'
import { explainNpmFailure } from '#workers/engines/explain-npm-failure.ts'

describe('explainNpmFailure', () => {
  test.each([
    ['npm error code ETARGET\nnpm error notarget No matching version found', 'engine_unknown'],
    ['npm error code E404\nnpm error 404 Not Found', 'engine_unknown'],
    ['npm error code EBADENGINE\nnpm error engine Unsupported engine', 'node_unsuitable'],
    ['npm error code EBADPLATFORM\nnpm error notsup', 'engine_unusable'],
    ['npm error code EINTEGRITY\nnpm error sha512-x', 'engine_damaged'],
    ['npm error code ENOSPC\nnpm error nospc', 'install_failed'],
    [
      'npm error code ENOTFOUND\nnpm error network request to https://registry.npmjs.org failed',
      'registry_unreachable'
    ],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error self-signed', 'registry_unreachable'],
    ['npm error code E503', 'registry_unreachable'],
    ['npm error code E401', 'registry_unreachable'],
    ['npm error code ESOMETHING\nnpm error odd', 'install_failed'],
    ['', 'install_failed']
  ])('%j is %s', (stderr, code) => {
    expect(explainNpmFailure(stderr, '1.29.0').code).toBe(code)
  })

  test('says what npm said, in one line without paths, colours and notices', () => {
    const stderr = [
      'npm warn deprecated x',
      'npm error code EODD',
      'npm error path /data/engines/secret',
      'npm error \u001b[31mThe cause\u001b[0m',
      'npm error A complete log of this run can be found in: /data/engines/_logs/x.log'
    ].join('\n')

    const { message } = explainNpmFailure(stderr, '1.29.0')

    expect(message).toMatch(/^onnxruntime-node 1\.29\.0 was not installed\. npm failed: .*The cause.*\.$/)
    expect(message).not.toMatch(/\n|\/data/)
    expect(message).not.toContain('\u001b')
  })
})
