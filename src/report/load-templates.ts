// biome-ignore lint/style/noRestrictedImports: the one file of this folder that touches the disk, once, at start
import { readFileSync } from 'node:fs'
import { compileTemplates, type ReportTemplates } from './templates.ts'

const FOLDER = new URL('../../templates/', import.meta.url)

/**
 * Reads and compiles the report templates. To be called once, by a composition root; everything else in this folder is
 * pure. Throws when a template is missing or does not parse.
 */
export function loadTemplates(): ReportTemplates {
  const read = (name: string) => readFileSync(new URL(`${name}.hbs`, FOLDER), 'utf8')
  return compileTemplates({
    documents: {
      'check-summary': read('check-summary'),
      'check-text': read('check-text'),
      comment: read('comment')
    },
    partials: {
      verdict: read('partials/verdict'),
      'metric-table': read('partials/metric-table'),
      'budget-table': read('partials/budget-table'),
      details: read('partials/details'),
      compared: read('partials/compared'),
      'left-out': read('partials/left-out')
    }
  })
}
