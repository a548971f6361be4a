/** The outputs of one sample are more than is carried from a side process. */
export class OutputsTooLargeError extends Error {
  readonly code = 'outputs_too_large'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OutputsTooLargeError'
  }
}
