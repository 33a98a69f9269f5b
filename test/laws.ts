import * as fc from 'fast-check'

/** Where a law says how long its stories may be, they are: by default none has more than ten steps. */
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })
