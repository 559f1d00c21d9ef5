class NotHashed extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}
