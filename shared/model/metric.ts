/** Counters of the running lab. Labels come from closed sets; never a user id, event id or error text. */
export type MeterName =
  | 'published'
  | 'delivered'
  | 'applied'
  | 'absorbed'
  | 'parked'
  | 'quarantined'
  | 'marker-disagreements';
