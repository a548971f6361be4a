/** A recorded file that cannot be read as samples. Where it was raised, the message names the file and what is in it. */
export class RecordedFileError extends Error {
  readonly code = 'recorded_file_unreadable'
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RecordedFileError'
    this.hint = hint
  }
}
