/** The venue's answer is not what its documents say, or says itself that something is wrong. */
export class VenueAnswerError extends Error {
  override readonly name: string = 'VenueAnswerError'
  readonly venue: string
  /** The message without the venue. */
  readonly detail: string

  constructor(venue: string, detail: string) {
    super(`${venue}: ${detail}`)
    this.venue = venue
    this.detail = detail
  }
}

/** The venue does not know one of the names, does not say which, and answers for none. */
export class VenueUnknownNameError extends VenueAnswerError {
  override readonly name = 'VenueUnknownNameError'
}

/** The venue says, with status 200, that it is asked too often. */
export class VenueBusyError extends VenueAnswerError {
  override readonly name = 'VenueBusyError'
}
