//! Marks and ignore files of other tools, respected where somebody asks for it.
