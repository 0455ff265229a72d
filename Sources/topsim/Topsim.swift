import ArgumentParser
@main struct Topsim: ParsableCommand { func run() { print("topsim") } }
