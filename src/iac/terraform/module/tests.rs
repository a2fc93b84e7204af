use super::*;
use crate::iac::Memory;
use crate::input::Inputs;

fn with<T>(sources: &[(&str, &str)], folder: &str, look: impl FnOnce(&Module, &Files<'_>) -> T) -> T {
    let (tree, inputs) = (Memory::of(sources.iter().copied()), Inputs::new());
    let files = Files::new(&tree, &inputs);
    look(&Module::load(&files, folder.as_bytes()), &files)
}

#[test]
fn var_files_that_set_nothing_of_the_module_are_no_environments() {
    let sources = [
        ("a/main.tf", "variable \"acl\" {}\n"),
        ("a/terraform.tfvars", "acl = \"private\"\n"),
        ("a/prod.tfvars", "acl = \"public-read\"\n"),
        ("a/env/dev/terraform.tfvars", "acl = \"private\"\nmore = 1\n"),
        ("a/envs/own/main.tf", "variable \"acl\" {}\n"),
        ("a/envs/own/terraform.tfvars", "acl = \"private\"\n"),
        ("a/vars/other.tfvars", "zone = 1\n"),
        ("a/elsewhere/x.tfvars", "acl = 1\n"),
        ("a/vars/broken.tfvars", "acl = \n"),
    ];
    with(&sources, "a", |module, files| {
        assert_eq!(module.broken().count(), 1, "nothing is read before it is asked for");
        let names: Vec<&str> = module.environments(files).iter().map(|environment| &*environment.name).collect();
        assert_eq!(names, ["env/dev/terraform.tfvars", "prod.tfvars"]);
        let acl = &module.environments(files)[1].settings["acl"];
        assert_eq!((files.slice(acl.span).as_str(), acl.span.start), ("\"public-read\"", 6));
        assert_eq!(module.broken().map(|broken| broken.errors.len()).sum::<usize>(), 1);
        assert!(module.is_entry() && !module.has_backend);
    });
}
