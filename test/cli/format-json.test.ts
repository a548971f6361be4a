import { expect, test } from 'vitest'
import { formatJson } from '#src/cli/format-json.ts'

test('what a terminal would obey is escaped, and reads back as it was', () => {
  const value = { id: 'a\u001b[2J\u009b2J\u202e\u2028\u{e0041}é😀' }

  const text = formatJson(value)

  expect(text).toBe('{\n  "id": "a\\u001b[2J\\u009b2J\\u202e\\u2028\\udb40\\udc41é😀"\n}\n')
  expect(JSON.parse(text)).toEqual(value)
})
