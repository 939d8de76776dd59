import FileAccess

/// What a pickle may ask to be called, and gets.
enum PickleCallable: String {
    case orderedDict = "collections.OrderedDict"
    case oldTensor = "torch._utils._rebuild_tensor"
    case tensor = "torch._utils._rebuild_tensor_v2"
    case typedTensor = "torch._utils._rebuild_tensor_v3"
    case subclass = "torch._tensor._rebuild_from_type_v2"
    case parameter = "torch._utils._rebuild_parameter"
    case parameterWithState = "torch._utils._rebuild_parameter_with_state"
    case size = "torch.Size"
    case device = "torch.device"

    var makesTensors: Bool { [.oldTensor, .tensor, .typedTensor].contains(self) }
}

/// Whether a name is of what gives access to the system: nothing is called, but no honest file of weights asks for it.
func isOfTheSystem(_ module: String, _ name: String) -> Bool {
    let root = module.prefix { $0 != "." }
    if ["builtins", "__builtin__"].contains(module) {
        let name = name.prefix { $0 != "." }
        return systemFunctions.contains(String(name))
    }
    return systemModules.contains(String(root))
}

private let systemFunctions: Set = [
    "eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "getattr", "setattr", "delattr",
    "__import__", "breakpoint", "globals", "locals", "vars", "apply",
]

private let systemModules: Set = [
    "posix", "nt", "os", "posixpath", "ntpath", "subprocess", "sys", "socket", "shutil", "pty", "runpy", "importlib",
    "imp", "pip", "ctypes", "_ctypes", "webbrowser", "urllib", "urllib2", "requests", "http", "httplib", "ftplib",
    "smtplib", "commands", "popen2", "timeit", "pdb", "bdb", "code", "codeop", "pickle", "_pickle", "cPickle",
    "marshal",
    "operator", "_operator", "signal", "multiprocessing", "asyncio", "tempfile", "platform", "ensurepip",
]

/// What is thrown for a file of which the weights are the least.
func moreThanTensors(_ name: String) -> InputError {
    InputError(
        "holds more than tensors: \(shortened(name, limit: 100)); nothing of it was run",
        remedy: "save the weights alone: torch.save(model.state_dict(), path)")
}
