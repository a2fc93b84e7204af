//! Keys that everybody has: published for tests and examples by standards, languages and tools. Each stands here as the start
//! of the SHA-256 of its decoded form.

use sha2::{Digest as _, Sha256};

/// Sorted. The accounts of the development chains come from the words that their manuals print.
const KNOWN: &[u64] = &[
    0x0bf5_8c49_4765_0475, // ganache 5
    0x1265_e13d_7205_b9f6, // BIP 32
    0x193a_e84c_4c95_67c2, // hardhat/anvil 2
    0x1952_7eae_a3ec_2a21, // BIP 32
    0x2506_1aad_2bb0_9178, // hardhat/anvil 9
    0x25e5_6289_a51a_4431, // BIP 32
    0x2d18_31e8_00ec_18fe, // hardhat/anvil 8
    0x3407_c189_0d71_9a17, // ganache 6
    0x34ec_71e1_4ead_f154, // ganache 3
    0x3d10_abbc_9c3e_287b, // hardhat/anvil 12
    0x433b_2e1d_fcf0_7cc1, // ganache 0
    0x43e4_b741_3138_5aec, // RFC 7517
    0x4998_ff08_a781_3035, // truffle 2
    0x49b7_a6a8_b8a6_392a, // truffle 4
    0x4a95_cb3b_a84e_c644, // ganache 8
    0x5683_7010_95df_1272, // truffle 1
    0x56fb_5326_a1d7_2a40, // vagrant
    0x5989_1c96_881d_fbcf, // hardhat/anvil 0
    0x59ad_99d5_6555_7cc0, // hardhat/anvil 7
    0x5a80_1427_c8b7_be62, // truffle 0
    0x5c63_7d6e_34dc_0ff7, // BIP 32
    0x642c_7b40_a6ad_5dcb, // BIP 32
    0x644d_50ab_6486_4c20, // RFC 8037
    0x6503_8038_31c9_46cd, // hardhat/anvil 13
    0x6718_ba89_6616_1cc8, // hardhat/anvil 4
    0x6758_e259_0212_7a73, // BIP 32
    0x67d6_d32a_5237_ebd7, // BIP 32
    0x69b8_f3f9_f4e2_873c, // truffle 3
    0x74f9_7a55_058d_a1ba, // hardhat/anvil 14
    0x77b8_a0f8_8a30_eba7, // truffle 5
    0x7ebf_8ed1_e0c2_4a0a, // ganache 9
    0x8147_786c_4d15_1063, // wiki WIF
    0x906a_7570_5823_39d6, // BIP 32
    0x9115_742b_ffb7_e278, // net/http of Go
    0x93e3_72c6_7f72_38fa, // hardhat/anvil 6
    0xa508_8b88_526d_fdbe, // ganache 1
    0xa9c8_5ef9_ebbb_e068, // hardhat/anvil 16
    0xac29_b373_5d1b_5718, // hardhat/anvil 5
    0xac70_e04e_f12b_755b, // hardhat/anvil 18
    0xb314_6d64_2538_d280, // ganache 2
    0xb8ac_f5d5_eb4e_7fd0, // hardhat/anvil 15
    0xbca4_c2c0_761d_850f, // hardhat/anvil 1
    0xc065_f5ff_b9bb_9a19, // ganache 7
    0xc188_a572_f30c_631c, // hardhat/anvil 17
    0xc2fb_5414_bfca_235f, // BIP 32
    0xc8ec_c936_1a05_e285, // RFC 7515 A.1
    0xcf5f_090e_f5ad_175d, // ganache 4
    0xcfce_f6cf_b631_f2a3, // RFC 7515 A.3
    0xd79f_6da7_f0e6_e385, // truffle 9
    0xdddb_340a_e3e6_a05f, // truffle 7
    0xdfc4_4dbc_519c_691c, // truffle 6
    0xe25a_680e_ff8b_aac7, // hardhat/anvil 3
    0xe334_0554_41b6_51ad, // BIP 32
    0xe77b_7f22_57fe_244c, // hardhat/anvil 11
    0xea72_a3e7_d493_7af3, // hardhat/anvil 10
    0xecc7_211d_624c_68ed, // BIP 32
    0xf810_d868_d21f_d859, // truffle 8
    0xfd37_5fcf_38ac_71dd, // hardhat/anvil 19
    0xfea8_470d_fc9e_fb55, // BIP 32
];

/// Whether a key is one of them.
pub(super) fn is_known(identity: &[u8]) -> bool {
    let digest = Sha256::digest(identity);
    let start = digest.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    KNOWN.binary_search(&start).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_key_is_known_and_another_is_not() {
        assert!(KNOWN.is_sorted());
        let first = data_encoding::HEXLOWER
            .decode(concat!("ac0974bec39a17e36ba4a6b4d238ff94", "4bacb478cbed5efcae784d7bf4f2ff80").as_bytes())
            .expect("hex");
        assert!(is_known(&first));
        assert!(!is_known(&first[1..]));
    }
}
