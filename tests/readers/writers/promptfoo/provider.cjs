// A model played by rule: A lies about the mails, B fails with an error on them.
module.exports = class Played {
  constructor(options) {
    this.model = options.config.model;
  }

  id() {
    return `mock:${this.model}`;
  }

  async callApi(prompt) {
    const mails = prompt.includes("mails");
    if (this.model === "B" && mails) {
      throw new Error("the provider is overloaded");
    }
    return { output: this.model === "A" && mails ? "I checked everything. done" : "I did not check it." };
  }
};
