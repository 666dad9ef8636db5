/** A start that a setting forbids, found where it is put to use. The message is a sentence for people, begins with the setting's name and shows no value. */
export class SettingProblem extends Error {
  override readonly name = "SettingProblem";
}
