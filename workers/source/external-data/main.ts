// Prints the files that a model keeps data in, as JSON on one line. Its argument is the model's path. It runs like a side
// process, because it parses what a stranger wrote. A file that cannot be parsed has none: ONNX Runtime will say what is
// wrong with it.
import { readFile } from 'node:fs/promises'
import { readExternalLocations } from '#workers/source/external-locations.ts'

const bytes = await readFile(process.argv[2] ?? '')

function readLocations(): readonly string[] {
  try {
    return readExternalLocations(bytes)
  } catch {
    return []
  }
}

process.stdout.write(`${JSON.stringify(readLocations())}\n`)
