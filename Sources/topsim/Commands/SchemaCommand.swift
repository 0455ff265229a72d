import ArgumentParser
import ScenarioInput

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of scenario files, for completion in editors.",
        discussion: """
            With the YAML language server, keep it beside the scenario and begin the scenario with

              # yaml-language-server: $schema=topsim.schema.json
            """)

    func run() throws {
        try StandardOutput.write(scenarioJSONSchema())
    }
}
