import { describe, expect, test } from 'vitest'
import { parseCloneUrl } from '#workers/source/clone-url.ts'

describe('parseCloneUrl', () => {
  test.each([
    ['https://github.com/o/r.git', 'https'],
    ['http://127.0.0.1:8080/o/r.git', 'http'],
    ['file:///srv/repository', 'file']
  ])('takes %s', (text, scheme) => {
    expect(parseCloneUrl(text)).toEqual({ scheme, href: text })
  })

  test.each([
    ['ssh://git@github.com/o/r.git', 'not allowed'],
    ['git://github.com/o/r.git', 'not allowed'],
    ['ext::sh -c "touch x"', 'not allowed'],
    ['git@github.com:o/r.git', 'is not a URL'],
    ['--upload-pack=touch x', 'is not a URL'],
    ['/srv/repository', 'is not a URL'],
    ['', 'is not a URL'],
    ['https://token@github.com/o/r.git', 'carries credentials'],
    ['https://user:token@github.com/o/r.git', 'carries credentials'],
    ['file://srv/repository', 'three slashes']
  ])('refuses %s', (text, reason) => {
    expect(() => parseCloneUrl(text)).toThrow(reason)
  })

  test('leaves nothing in the address that could end a line', () => {
    expect(parseCloneUrl('https://github.com/o/\nr.git').href).toBe('https://github.com/o/r.git')
  })
})
